//! The words of findings that the engine itself makes while it runs a profile.
//!
//! Findings of single rules have their words in the profile.

use std::sync::Arc;

use super::together::Stands;
use crate::diag::similar::similar;
use crate::diag::{Code, Diagnostic};
use crate::model::name::Name;
use crate::model::object::ObjectId;
use crate::model::val::{Data, Val};
use crate::plan::{Origin, Path};
use crate::profile::Profile;
use crate::profile::head::{Head, Unsupported};
use crate::profile::keys::KeyInfo;
use crate::profile::rule::{Limit, Rule};
use crate::source::Span;
use crate::yaml::Node;

const UNANSWERED: Code = Code::builtin("EG3101");
const CONFLICT: Code = Code::builtin("EG3102");
const IN_BASE: Code = Code::builtin("EG3103");
const UNKNOWN_KEY: Code = Code::builtin("EG3201");
const MISPLACED_KEY: Code = Code::builtin("EG3202");
const TOO_NEW_KEY: Code = Code::builtin("EG3203");
const WRONG_FORM: Code = Code::builtin("EG3204");
const DEPRECATED_KEY: Code = Code::builtin("EG3205");
const NEVER_KEY: Code = Code::builtin("EG3206");
const OVERRIDE: Code = Code::builtin("EG3207");
const REPLACED: Code = Code::builtin("EG3210");
const STANDING: Code = Code::builtin("EG3211");
const NO_OBJECT: Code = Code::builtin("EG3208");
const LOCK_IN: Code = Code::builtin("EG3209");
const EXCLUDED: Code = Code::builtin("EG3212");
const ALONE: Code = Code::builtin("EG3213");
const RULE_FAULT: Code = Code::builtin("EG9007");

pub(super) fn unanswered(head: &Head, field: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        UNANSWERED,
        format!("`{field}` is set, and `{}` does nothing with it", head.id),
    )
    .at(span, "this would be lost")
    .note(
        "a value that is set has to reach the result or be refused; the profile does neither here",
    )
}

pub(super) fn unsupported(
    head: &Head,
    entry: &Unsupported,
    first: Span,
    others: &[Span],
) -> Diagnostic {
    let code = Code::rule(&head.id, &entry.id);
    let mut d = Diagnostic::error(
        code,
        format!("`{}` cannot express `{}`", head.id, entry.field),
    )
    .at(first, "")
    .acceptable();
    for span in others {
        d = d.because(*span, "");
    }
    d = d.note(entry.reason.clone()).help(entry.instead.clone());
    match entry.see.first() {
        Some(see) => d.note(format!("see {see}")),
        None => d,
    }
}

pub(super) fn beyond_limit(
    code: &str,
    rule: &Rule,
    limit: &Limit,
    val: &Arc<Val>,
    [low, high, uneven, long]: [bool; 4],
) -> Diagnostic {
    let show = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let found = match &val.data {
        Data::Str(s) => s.to_string(),
        Data::Int(i) => i.to_string(),
        _ => String::new(),
    };
    let field = limit
        .field
        .split_once('.')
        .map_or(limit.field.as_str(), |(_, f)| f);
    let range = match (&limit.min, &limit.max) {
        (Some(a), Some(b)) => format!("`{}` to `{}`", show(a), show(b)),
        (Some(a), None) => format!("at least `{}`", show(a)),
        (None, Some(b)) => format!("at most `{}`", show(b)),
        (None, None) => String::new(),
    };
    let label = if low || high {
        format!("the target takes {range}")
    } else if uneven {
        format!(
            "the target takes multiples of `{}`",
            limit.step.as_ref().map(show).unwrap_or_default()
        )
    } else if long {
        format!(
            "the target takes at most {} characters",
            limit.max_length.unwrap_or_default()
        )
    } else {
        String::new()
    };
    let mut d = Diagnostic::error(
        Code(code.to_owned().into()),
        format!("`{field}` cannot be `{found}` here"),
    );
    d = match val.span {
        Some(span) => {
            let d = d.at(span, label.clone());
            match (low, high, &limit.min, &limit.max) {
                (true, _, Some(m), _) | (_, true, _, Some(m)) => {
                    d.fix("the nearest value", span, show(m))
                }
                _ => d,
            }
        }
        None => d.note(label),
    };
    match rule.see.first() {
        Some(see) => d.note(format!("see {see}")),
        None => d,
    }
}

pub(super) fn conflict(id: &ObjectId, path: &Path, a: &Origin, b: &Origin) -> Diagnostic {
    let mut d = Diagnostic::error(
        CONFLICT,
        format!(
            "`{}` of {} would get two values",
            path.iter().map(|s| &**s).collect::<Vec<_>>().join("."),
            id.short()
        ),
    )
    .note(format!(
        "one is from rule `{}`, the other from `{}`",
        a.rule, b.rule
    ));
    if let Some(span) = a.span {
        d = d.at(span, "one value comes from here");
    }
    match b.span.filter(|s| Some(*s) != a.span) {
        Some(span) => d.because(span, "the other from here"),
        None => d,
    }
}

pub(super) fn created_twice(id: &ObjectId, a: &str, b: &str) -> Diagnostic {
    Diagnostic::error(
        RULE_FAULT,
        format!("rules `{a}` and `{b}` both create {}", id.short()),
    )
}

pub(super) fn already_in_base(id: &ObjectId, rule: &str) -> Diagnostic {
    Diagnostic::error(
        IN_BASE,
        format!(
            "the base already has {}, which rule `{rule}` makes",
            id.short()
        ),
    )
    .help("rename the object of the base; edgegen does not take over objects that it did not write")
}

pub(super) fn no_identity(rule: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        RULE_FAULT,
        format!("rule `{rule}` makes an object without apiVersion, kind or name"),
    )
    .at(span, "")
}

pub(super) fn no_object(rule: &str, kind: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        RULE_FAULT,
        format!("rule `{rule}` changes a {kind}, and no {kind} is in scope"),
    )
    .at(span, "")
}

fn placed(d: Diagnostic, origin: &Origin, label: &str) -> Diagnostic {
    let d = match origin.span {
        Some(span) => d.at(span, label),
        None => d,
    };
    if origin.rule.starts_with("edgegen/") {
        d
    } else {
        d.note(format!("the value comes from rule `{}`", origin.rule))
    }
}

pub(super) fn unknown_key(profile: &Profile, key: &str, origin: &Origin) -> Diagnostic {
    let d = Diagnostic::error(
        UNKNOWN_KEY,
        format!("`{}` has no annotation `{key}`", profile.head.id),
    );
    let d = placed(
        d,
        origin,
        "an unknown key is ignored by the controller without a message",
    );
    match similar(key, profile.keys.iter().map(|k| k.key.as_str())).first() {
        Some(best) => d.help(format!("the nearest key is `{best}`")),
        None => d,
    }
}

pub(super) fn misplaced_key(
    profile: &Profile,
    info: &KeyInfo,
    key: &str,
    id: &ObjectId,
    origin: &Origin,
) -> Diagnostic {
    let on: Vec<_> = info.kinds.iter().map(|k| format!("`{k}`")).collect();
    let d = Diagnostic::error(
        MISPLACED_KEY,
        format!("`{key}` has no effect on kind `{}`", id.kind),
    );
    placed(d, origin, "").note(format!(
        "`{}` reads it on {}",
        profile.head.id,
        on.join(", ")
    ))
}

pub(super) fn too_new_key(
    key: &str,
    component: &str,
    since: &str,
    installed: &str,
    stated: Option<Span>,
    origin: &Origin,
) -> Diagnostic {
    let d = Diagnostic::error(
        TOO_NEW_KEY,
        format!("`{key}` needs {component} {since}; {installed} is installed"),
    );
    let d = placed(d, origin, "needs a newer version");
    let d = match stated {
        Some(span) => d.because(span, "the environment states this version"),
        None => d,
    };
    d.help(format!(
        "upgrade {component} to {since}, or leave the field out"
    ))
}

pub(super) fn wrong_form(key: &str, value: &str, why: &str, origin: &Origin) -> Diagnostic {
    let d = Diagnostic::error(WRONG_FORM, format!("`{key}` cannot be `{value}`"));
    placed(d, origin, why)
}

pub(super) fn deprecated_key(key: &str, instead: &str, origin: &Origin) -> Diagnostic {
    placed(
        Diagnostic::warning(DEPRECATED_KEY, format!("`{key}` is deprecated")),
        origin,
        "",
    )
    .help(instead.to_owned())
}

pub(super) fn replaces_base(key: &str, value: &str, old: Node<'_>, origin: &Origin) -> Diagnostic {
    let was = old.as_str().unwrap_or_default();
    let d = Diagnostic::warning(REPLACED, format!("`{key}` of the base is replaced"))
        .at(old.span(), format!("`{was}` becomes `{value}`"));
    let d = match origin.span.filter(|s| *s != old.span()) {
        Some(span) => d.because(span, "because of this"),
        None => d,
    };
    d.note(format!("the value comes from rule `{}`", origin.rule))
        .help("say in the exposure what the base's value is for, if it is to hold")
}

pub(super) fn never_key(key: &str, why: &str, origin: &Origin) -> Diagnostic {
    placed(
        Diagnostic::error(NEVER_KEY, format!("`{key}` is not for users to set")),
        origin,
        "",
    )
    .note(why.to_owned())
}

/// A key of the target on the base that does nothing there.
pub(super) fn standing(target: &str, key: &str, span: Span, label: &str, note: &str) -> Diagnostic {
    let headline = format!("`{key}` of the base has no effect on `{target}`");
    Diagnostic::error(STANDING, headline)
        .at(span, label)
        .note(note)
        .acceptable()
}

pub(super) fn standing_misspelt(target: &str, key: &str, span: Span, near: &str) -> Diagnostic {
    standing(
        target,
        key,
        span,
        "no controller of the target reads this key",
        "an unknown key is passed over without a message",
    )
    .fix(
        format!("a key with a similar name is read: `{near}`"),
        span,
        near,
    )
}

pub(super) fn standing_unknown(target: &str, key: &str, span: Span) -> Diagnostic {
    let headline = format!("`{key}` of the base is not known on `{target}`");
    Diagnostic::warning(STANDING, headline)
        .at(span, "its prefix is that of the target's controller")
        .note("either the controller passes over it, or it is newer than this version of edgegen")
}

pub(super) fn standing_deprecated(key: &str, instead: &str, span: Span) -> Diagnostic {
    let headline = format!("`{key}` of the base is deprecated");
    Diagnostic::warning(DEPRECATED_KEY, headline)
        .at(span, "")
        .help(instead)
}

pub(super) fn standing_never(key: &str, why: &str, span: Span) -> Diagnostic {
    let headline = format!("`{key}` of the base is not for users to set");
    Diagnostic::warning(NEVER_KEY, headline)
        .at(span, "")
        .note(why)
}

pub(super) fn excluded(key: &str, at: Stands<'_>, other: &str, from: Stands<'_>) -> Diagnostic {
    let headline = format!("`{key}` and `{other}` exclude each other");
    // What stands on the base is not for everybody to change.
    let d = match (at, from) {
        (Stands::Base(_), Stands::Base(_)) => Diagnostic::warning(EXCLUDED, headline),
        (Stands::Plan(_), Stands::Plan(_)) => Diagnostic::error(EXCLUDED, headline),
        _ => Diagnostic::error(EXCLUDED, headline).acceptable(),
    };
    let d = from_place(d, at);
    let other_at = match from {
        Stands::Plan(origin) => origin.span,
        Stands::Base(span) => Some(span),
    };
    let d = match other_at {
        Some(span) => d.because(span, format!("`{other}` comes from here")),
        None => d,
    };
    d.note("the controller passes over one of them, or refuses the object")
        .help("leave one of them out")
}

pub(super) fn alone(key: &str, others: &[String], at: Stands<'_>) -> Diagnostic {
    let list: Vec<_> = others.iter().map(|o| format!("`{o}`")).collect();
    let list = list.join(" or ");
    let headline = format!("`{key}` does nothing without {list}");
    from_place(Diagnostic::warning(ALONE, headline), at)
        .note("the controller reads it beside that key only, on the same object")
        .help(format!("add {list}, or leave it out"))
}

fn from_place(d: Diagnostic, at: Stands<'_>) -> Diagnostic {
    match at {
        Stands::Plan(origin) => placed(d, origin, ""),
        Stands::Base(span) => d.at(span, "it stands on the base"),
    }
}

pub(super) fn override_of_rule(
    key: &str,
    rule: &str,
    fields: &[Name],
    span: Option<Span>,
) -> Diagnostic {
    let mut d = Diagnostic::error(
        OVERRIDE,
        format!("`{key}` is already written from a neutral field"),
    );
    if let Some(span) = span {
        d = d.at(span, "this would contradict it");
    }
    d = d.note(format!("rule `{rule}` writes it"));
    match fields.first() {
        Some(f) => d.help(format!("set `{f}` instead")),
        None => d,
    }
}

pub(super) fn override_without_object(kind: &str, span: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        NO_OBJECT,
        format!("the result has no `{kind}` that this override could stand on"),
    );
    match span {
        Some(span) => d
            .at(span, "")
            .help("the kinds are the carrier's, `HTTPRoute` and `Service`"),
        None => d,
    }
}

pub(super) fn lock_in(target: &str, key: &str, span: Option<Span>) -> Diagnostic {
    let d = Diagnostic::note_only(LOCK_IN, format!("`{key}` holds for `{target}` only"));
    match span {
        Some(span) => d.at(span, "lock-in"),
        None => d,
    }
}
