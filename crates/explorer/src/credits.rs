//! Whom to credit for what is on screen.

/// A credit for all collections that begin with `prefix`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    /// The beginning of a collection's path.
    pub prefix: String,
    /// Whom to credit, in words.
    pub text: String,
}

/// The credits for streams of `collections`, each once: that of the longest prefix. `general` stands where there are no
/// rules or no streams, never for streams that the rules leave out: those may be anybody's.
pub fn credits<'a>(rules: &'a [Credit], general: &'a str, collections: &[String]) -> Vec<&'a str> {
    let mut texts: Vec<&str> = Vec::new();
    for collection in collections {
        let rules = rules.iter().filter(|rule| collection.starts_with(&rule.prefix));
        if let Some(rule) = rules.max_by_key(|rule| rule.prefix.len())
            && !texts.contains(&rule.text.as_str())
        {
            texts.push(&rule.text);
        }
    }
    if (rules.is_empty() || collections.is_empty()) && !general.is_empty() {
        texts.push(general);
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_follow_the_collections_shown() {
        let rule = |prefix: &str, text: &str| Credit { prefix: prefix.to_owned(), text: text.to_owned() };
        let rules = [rule("a/", "A"), rule("b", "B"), rule("a/x", "X")];
        let shown = |collections: &[&str]| {
            let collections: Vec<_> = collections.iter().map(|&path| path.to_owned()).collect();
            credits(&rules, "all", &collections).join(", ")
        };
        assert_eq!(shown(&["b/1", "a/2", "b/3"]), "B, A");
        assert_eq!(shown(&["a/x/1"]), "X", "the longest prefix");
        assert_eq!((shown(&["c"]), shown(&[])), (String::new(), "all".to_owned()));
        assert_eq!(credits(&[], "all", &["c".to_owned()]), ["all"]);
        assert!(credits(&[], "", &[]).is_empty());
    }
}
