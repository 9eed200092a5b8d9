//! How much JavaScript holds on to: what is not let go of shows as a count that grows.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, Ordering};

use wasm_bindgen::prelude::*;

static LIVE: AtomicU32 = AtomicU32::new(0);

/// Something that JavaScript has a handle of, counted for as long as it lives.
#[derive(Debug)]
pub(crate) struct Held<T>(T);

impl<T> From<T> for Held<T> {
    fn from(value: T) -> Self {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Self(value)
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// How many connections, streams, sets of streams and open reads there are.
#[wasm_bindgen(js_name = liveHandles)]
pub fn live_handles() -> u32 {
    LIVE.load(Ordering::Relaxed)
}
