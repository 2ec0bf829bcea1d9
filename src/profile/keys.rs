//! The vocabulary of annotation keys that a target's controller reads, and whether a key and value fit it.
//!
//! Controllers ignore an unknown or misplaced key without a word; here each key that is written is checked against this list.

use serde_json::Value;

use super::filters::version_at_least;
use crate::source::Span;
use crate::vocab::Pattern;

/// One annotation key.
#[derive(Debug, Clone)]
pub struct KeyInfo {
    /// The key; `{name}` stands for a part that is chosen at run time.
    pub key: String,
    /// Kinds of objects on which the controller reads it.
    pub kinds: Vec<String>,
    /// The form of its value.
    pub form: Form,
    /// First version of the controller that reads it.
    pub since: Option<String>,
    /// Component whose version counts, where it is not the target's controller.
    pub component: Option<String>,
    /// What replaces it, when it is deprecated.
    pub deprecated: Option<String>,
    /// Why it is never written by a user: the controller itself writes it, for instance.
    pub never: Option<String>,
    /// Id of the refusal of the field that it says.
    pub refused: Option<String>,
    /// Why it is written by overrides only.
    pub only: Option<String>,
    /// Keys of which one has to stand on the same object, or this one does nothing.
    pub beside: Vec<String>,
    /// Keys that must not stand on the same object.
    pub excludes: Vec<String>,
    /// A sentence for `explain`.
    pub note: String,
    /// Where it stands.
    pub span: Span,
}

/// The form of an annotation's value.
#[derive(Debug, Clone)]
pub enum Form {
    /// Any text, or one that matches.
    Text(Option<Pattern>),
    /// Go's boolean words.
    Boolean,
    /// An integer within bounds.
    Integer(Option<i64>, Option<i64>),
    /// One of these words.
    Words(Vec<String>),
    /// Items between commas.
    List,
    /// `key=value` pairs between commas.
    Pairs,
    /// JSON.
    Json,
}

impl KeyInfo {
    /// Whether `key` is this key, with any text for the parts in braces.
    pub fn matches(&self, key: &str) -> bool {
        match self.key.split_once('{') {
            None => self.key == key,
            Some((head, rest)) => {
                let tail = rest.split_once('}').map_or("", |(_, t)| t);
                let tail = tail.split_once('{').map_or(tail, |(t, _)| t);
                key.strip_prefix(head)
                    .is_some_and(|k| !k.is_empty() && k.contains(tail))
            }
        }
    }

    /// Why `value` is not of the key's form; `None` when it is.
    pub fn fault(&self, value: &str) -> Option<String> {
        match &self.form {
            Form::Text(Some(p)) if !p.is_match(value) => {
                Some(format!("it does not match `{}`", p.source))
            }
            Form::Boolean if !matches!(value, "true" | "false") => {
                Some("it is neither `true` nor `false`".to_owned())
            }
            Form::Integer(min, max) => match value.parse::<i64>() {
                Err(_) => Some("it is not an integer".to_owned()),
                Ok(i) if min.is_some_and(|m| i < m) => {
                    Some(format!("it is below {}", min.unwrap_or_default()))
                }
                Ok(i) if max.is_some_and(|m| i > m) => {
                    Some(format!("it is above {}", max.unwrap_or_default()))
                }
                Ok(_) => None,
            },
            Form::Words(words) if !words.iter().any(|w| w == value) => {
                let list: Vec<_> = words.iter().map(|w| format!("`{w}`")).collect();
                Some(format!("it is none of {}", list.join(", ")))
            }
            Form::List | Form::Pairs
                if value.trim() != value
                    || value.is_empty()
                    || value.ends_with(',')
                    || value.contains(['\n', '\r']) =>
            {
                Some(
                    "a list is on one line, without blanks around it, and no item is empty"
                        .to_owned(),
                )
            }
            Form::Pairs => {
                let pair = |p: &str| p.split_once('=').is_some_and(|(k, _)| !k.trim().is_empty());
                (!split_unescaped(value).iter().all(|p| pair(p)))
                    .then(|| "an item is not of the form `key=value`".to_owned())
            }
            Form::Json => serde_json::from_str::<Value>(value)
                .err()
                .map(|e| format!("it is not JSON: {e}")),
            _ => None,
        }
    }

    /// The version that brings the key, when `versions` (name to version) is older; `controller` is the target's own component.
    pub fn too_new<'k>(
        &'k self,
        controller: Option<&str>,
        version_of: impl Fn(&str) -> Option<String>,
    ) -> Option<(&'k str, String)> {
        let since = self.since.as_deref()?;
        let component = self.component.as_deref().or(controller)?;
        let installed = version_of(component)?;
        (!version_at_least(&installed, since)).then_some((since, installed))
    }
}

/// The boolean that Go's `ParseBool` reads.
pub fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Parts between commas that no backslash precedes.
pub fn split_unescaped(value: &str) -> Vec<&str> {
    let (mut out, mut start, mut escaped) = (Vec::new(), 0, false);
    for (i, c) in value.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            ',' if !escaped => {
                out.push(&value[start..i]);
                start = i + 1;
            }
            _ => escaped = false,
        }
    }
    out.push(&value[start..]);
    out
}
