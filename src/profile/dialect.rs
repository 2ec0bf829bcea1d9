//! How a controller reads what a base already has: its class, its annotations and its paths.
//!
//! The base runs somewhere today; this is what lets its own controller's keys be understood, carried over and removed.

use indexmap::IndexMap;

use crate::model::edge::Generation;

/// The reading half of a profile.
#[derive(Debug, Clone)]
pub struct Dialect {
    /// Id of the profile.
    pub profile: String,
    /// The generation that the controller serves.
    pub generation: Generation,
    /// Usual values of `spec.ingressClassName` or `spec.gatewayClassName`.
    pub classes: Vec<String>,
    /// Values of the annotation `kubernetes.io/ingress.class`.
    pub class_annotations: Vec<String>,
    /// Annotation prefixes that belong to this controller, with the final slash.
    pub prefixes: Vec<String>,
    /// Kinds on which the controller reads annotations; any, when empty.
    pub kinds: Vec<String>,
    /// What single annotations mean, by full key.
    pub keys: Keys,
    /// How `pathType: ImplementationSpecific` is read.
    pub implementation_specific: PathReading,
    /// TLS and redirect behaviour that holds without any annotation.
    pub defaults: Vec<(String, serde_json::Value)>,
}

/// What single annotations mean. Read from the profile's text when one of them is met: most bases meet those of one controller.
#[derive(Debug, Clone)]
pub struct Keys {
    text: std::sync::Arc<str>,
    read: std::sync::OnceLock<IndexMap<String, Reading>>,
}

impl Keys {
    /// Keys in the YAML of a profile, below `keys`.
    pub fn unread(text: &str) -> Self {
        Self {
            text: text.into(),
            read: std::sync::OnceLock::new(),
        }
    }

    /// What a key means.
    pub fn get(&self, key: &str) -> Option<&Reading> {
        // A text without the key need not be read to know that it has no meaning.
        let unread = self.read.get().is_none();
        if unread && !self.text.contains(key) {
            None
        } else {
            self.all().get(key)
        }
    }

    /// Whether a key means anything.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.all().keys()
    }

    fn all(&self) -> &IndexMap<String, Reading> {
        self.read.get_or_init(|| super::read::readings(&self.text))
    }
}

impl FromIterator<(String, Reading)> for Keys {
    fn from_iter<I: IntoIterator<Item = (String, Reading)>>(keys: I) -> Self {
        Self {
            text: "".into(),
            read: keys.into_iter().collect::<IndexMap<_, _>>().into(),
        }
    }
}

/// What an annotation means in the neutral vocabulary.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// It sets a field of the vocabulary (`backends.timeouts.idle`; a field of `backends` is set for every backend of that carrier).
    Field {
        /// Dotted path in an Exposure's `spec`.
        field: String,
        /// How its text becomes the field's value.
        value: ValueReading,
    },
    /// It means something together with other annotations, or sets several fields.
    Joint(Box<Joint>),
    /// It is the replacement of a path rewrite, with captures (`$1`) of the path's expression. Makes every path of the carrier an expression.
    RewriteTarget,
    /// If true, every path of the carrier is a regular expression.
    RegexPaths,
    /// It has no meaning outside this controller; the reason is shown as a note.
    NoMeaning(String),
    /// It has a meaning that the vocabulary has no word for; what to do instead.
    NoField(String),
}

/// An annotation that means something together with others, or sets several fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint {
    /// What it means by itself.
    pub own: Option<Reading>,
    /// It counts only with this value; any, when absent.
    pub word: Option<String>,
    /// It counts only where the object has this annotation with this value.
    pub beside: Option<(String, String)>,
    /// Fields outside `backends` that it sets besides, below what other annotations say.
    pub also: Vec<(String, serde_json::Value)>,
}

/// How an annotation's text becomes the value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueReading {
    /// Go's boolean words; other words are a finding.
    Boolean,
    /// A whole number of seconds.
    Seconds,
    /// A whole number.
    Integer,
    /// The text itself.
    Text,
    /// Parts between commas, trimmed.
    List,
    /// By this table; other words are a finding. Letter case is ignored when the flag is set.
    Words(IndexMap<String, serde_json::Value>, bool),
}

/// How a controller reads a path whose type is `ImplementationSpecific`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PathReading {
    /// Like `Prefix`.
    #[default]
    Prefix,
    /// The very text, except that a final `*` stands for any rest.
    Glob,
    /// Not known: such a path is a finding.
    Unknown,
}
