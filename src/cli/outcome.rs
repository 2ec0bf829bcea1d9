//! What becomes of a field of the vocabulary on a target, as its rules say it.
//!
//! One answer for the matrix and for the pages of fields, so that they cannot disagree.

use crate::lower::account::covers;
use crate::profile::Profile;
use crate::profile::rule::{FindingKind, Rule};
use crate::vocab::Vocabulary;

/// What a target does with a field.
pub(super) enum Outcome<'p> {
    /// Every value reaches the result.
    Yes,
    /// Some values are refused or approximated.
    Partly(Vec<&'p Rule>),
    /// Setting it is a finding with this code.
    No(&'p str),
    /// It has no meaning where a target carries streams only.
    Streams,
    /// No rule answers for it.
    Open,
}

impl Outcome<'_> {
    /// One word.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Outcome::Yes => "yes",
            Outcome::Partly(_) => "partly",
            Outcome::No(_) => "no",
            Outcome::Streams => "-",
            Outcome::Open => "open",
        }
    }

    /// The rule that refuses or approximates.
    pub(super) fn limiting(&self) -> Option<&str> {
        match self {
            Outcome::Partly(rules) => rules.iter().find(|r| limits(r)).map(|r| r.id.as_str()),
            Outcome::No(id) => Some(id),
            _ => None,
        }
    }
}

fn limits(rule: &Rule) -> bool {
    let kinds = [FindingKind::Refuse, FindingKind::Approximate];
    rule.findings.iter().any(|f| kinds.contains(&f.kind))
}

/// What becomes of `field`.
pub(super) fn outcome<'p>(profile: &'p Profile, field: &str) -> Outcome<'p> {
    let mut unsupported = profile.head.unsupported.iter();
    if let Some(u) = unsupported.find(|u| covers(&u.field, field)) {
        return Outcome::No(&u.id);
    }
    let answers = |r: &&Rule| r.fields.iter().any(|f| covers(f, field));
    let rules: Vec<&Rule> = profile.rules.iter().filter(answers).collect();
    let Some(first) = rules.first() else {
        return if profile.head.concerns(field) {
            Outcome::Open
        } else {
            Outcome::Streams
        };
    };
    let acts = rules.iter().any(|r| !r.effects.is_empty());
    let limited = rules.iter().any(|r| limits(r));
    match (acts, limited) {
        (false, true) => Outcome::No(&first.id),
        (true, true) => Outcome::Partly(rules),
        _ => Outcome::Yes,
    }
}

/// Fields of an exposure that targets answer for, dotted.
pub(super) fn fields(vocabulary: &Vocabulary) -> Vec<String> {
    let all = vocabulary.leaves().into_iter();
    all.filter(|l| !l.engine).map(|l| l.path).collect()
}

/// The anchor of a heading with this text, as mdBook and GitHub make it.
pub(super) fn anchor(heading: &str) -> String {
    let kept = |c: char| match c {
        ' ' => Some('-'),
        _ => (c.is_alphanumeric() || "-_".contains(c)).then(|| c.to_ascii_lowercase()),
    };
    heading.chars().filter_map(kept).collect()
}
