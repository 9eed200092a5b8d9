//! What a picture does not show, and why.

use super::Trace;

/// When a picture is thin: where at least one in so many of its columns is. At the ends of data a window or two always are.
const FEW: usize = 32;

/// What a picture of a stream lacks in parts: three things that must not be taken for one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lacks {
    /// Stretches are not loaded: nobody knows yet what is there.
    pub unloaded: bool,
    /// Stretches are loaded and hold nothing.
    pub empty: bool,
    /// Stretches hold markedly fewer points than is usual in sight.
    pub thin: bool,
}

impl Trace {
    /// What it lacks.
    pub fn lacks(&self) -> Lacks {
        let thin = self.fullness.iter().filter(|&&full| full < u8::MAX).count();
        Lacks {
            unloaded: !self.missing.is_empty(),
            empty: !self.empty.is_empty(),
            thin: thin > 0 && thin * FEW >= self.fullness.len(),
        }
    }
}

impl Lacks {
    /// Each by its name.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let named = [(self.unloaded, "not loaded"), (self.empty, "no data"), (self.thin, "thin data")];
        named.into_iter().filter_map(|(is_so, name)| is_so.then_some(name))
    }
}
