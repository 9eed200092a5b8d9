//! What is known of a stream besides its points.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

/// What is known of a stream besides its points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The stream's name for ever.
    pub uuid: Uuid,
    /// The path it is filed under.
    pub collection: String,
    /// `name`, `unit` and the other tags that BTrDB knows; empty where they are not set.
    pub tags: BTreeMap<String, String>,
    /// Whatever else people noted of it, as stored.
    pub annotations: BTreeMap<String, String>,
    /// Counts changes of collection, tags and annotations, from 1.
    pub property_version: u64,
}

impl Descriptor {
    /// The tag `name`: what the stream is called within its collection.
    pub fn name(&self) -> &str {
        self.tag("name")
    }

    /// The tag `unit`: what its values are measured in.
    pub fn unit(&self) -> &str {
        self.tag("unit")
    }

    /// The annotation `key` as the value that it stands for; `None` where there is none. Annotations are stored as text,
    /// whatever is not text as JSON, so that the text `12` reads as a number; what is not JSON is the text itself.
    pub fn annotation(&self, key: &str) -> Option<Value> {
        let text = self.annotations.get(key)?;
        Some(serde_json::from_str(text).unwrap_or_else(|_not_json| Value::String(text.clone())))
    }

    fn tag(&self, key: &str) -> &str {
        self.tags.get(key).map_or("", String::as_str)
    }
}

/// The text that stands for `value` as an annotation: itself where it is text, else as JSON.
pub fn annotation_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn annotations_stand_for_values() {
        let values = [json!("text"), json!(12), json!(null), json!({"a": [1, 2.5]}), json!(true)];
        let annotations = values.iter().enumerate().map(|(i, value)| (i.to_string(), annotation_text(value)));
        let descriptor = Descriptor {
            uuid: Uuid::nil(),
            collection: String::new(),
            tags: BTreeMap::new(),
            annotations: annotations.collect(),
            property_version: 1,
        };
        for (i, value) in values.iter().enumerate() {
            assert_eq!(descriptor.annotation(&i.to_string()).as_ref(), Some(value));
        }
        assert_eq!(descriptor.annotations["0"], "text", "without quotes");
        assert_eq!(descriptor.annotation("none"), None);
    }
}
