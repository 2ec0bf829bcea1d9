//! The words of findings about values of a chart.
//!
//! Two kinds: what no value carries, which an exposure may accept, and values that are not those of the base.

use crate::diag::{Code, Diagnostic};
use crate::model::object::{BaseObject, ObjectId};

pub(super) const NOT_CARRIED: Code = Code::builtin("EG3401");
const DEFAULTS: Code = Code::builtin("EG3403");
const NOT_THE_BASE: Code = Code::builtin("EG3402");

const OTHER_WAYS: &str =
    "render an overlay, or let helm call `edgegen post-render`: both carry everything";

fn not_carried(headline: String) -> Diagnostic {
    Diagnostic::error(NOT_CARRIED, headline).acceptable()
}

pub(super) fn no_entry(object: &BaseObject) -> Diagnostic {
    not_carried(format!(
        "no value of the chart carries `{}`",
        object.id.short()
    ))
    .help("state its values under `objects` in a ChartMapping, where the chart has some")
    .help(OTHER_WAYS)
}

pub(super) fn no_value(object: &BaseObject, field: &str) -> Diagnostic {
    not_carried(format!(
        "no value of the chart carries `{field}` of `{}`",
        object.id.short()
    ))
    .help("state its value under `objects[].fields` in a ChartMapping, where the chart has one")
    .help(OTHER_WAYS)
}

pub(super) fn no_form(object: &BaseObject, field: &str, value: &str) -> Diagnostic {
    not_carried(format!(
        "`{value}` cannot say what `{field}` of `{}` has to be",
        object.id.short()
    ))
    .note("the template writes a part of it itself: the one backend of all rules")
    .help(OTHER_WAYS)
}

pub(super) fn template(id: &ObjectId) -> Diagnostic {
    not_carried(format!(
        "a text of `{}` has `{{{{`, which a chart may take for a template",
        id.short()
    ))
    .note("many charts expand their values with `tpl`; edgegen lets no text of a user be evaluated")
    .help(OTHER_WAYS)
}

pub(super) fn no_switch(object: &BaseObject) -> Diagnostic {
    not_carried(format!(
        "no value of the chart leaves out `{}`",
        object.id.short()
    ))
    .help("state it as `enabled` in a ChartMapping, where the chart has one")
    .help(OTHER_WAYS)
}

pub(super) fn no_extra(id: &ObjectId, named: bool) -> Diagnostic {
    let d = not_carried(format!(
        "no value of the chart carries the new `{}`",
        id.short()
    ));
    let d = if named {
        d.note(
            "what the list of extra objects holds already is not known, and it would be replaced",
        )
        .help("name the chart and its values in the ChartMapping: `chart: ./chart`")
    } else {
        d.help("state the list of extra objects as `extraObjects` in a ChartMapping, where the chart has one")
    };
    d.help(OTHER_WAYS)
}

pub(super) fn unknown_values(
    object: &BaseObject,
    field: &str,
    value: &str,
    key: &str,
) -> Diagnostic {
    not_carried(format!(
        "`{key}` cannot be taken out of `{value}` for `{field}` of `{}`",
        object.id.short()
    ))
    .note(
        "helm takes away keys of the chart's own values only, and it is not known which these are",
    )
    .help("name the chart and its values in a ChartMapping: `chart: ./chart`")
    .help(OTHER_WAYS)
}

/// The same to the API, but not to whoever compares texts.
pub(super) fn defaults(object: &BaseObject, field: &str, value: &str) -> Diagnostic {
    Diagnostic::note_only(
        DEFAULTS,
        format!(
            "`{field}` of `{}` leaves defaults to the API",
            object.id.short()
        ),
    )
    .at(object.name_span(), "in this object")
    .note(format!(
        "the template of `{value}` writes references to backends without group, kind or weight"
    ))
}

fn not_the_base(headline: String, object: &BaseObject) -> Diagnostic {
    Diagnostic::error(NOT_THE_BASE, headline)
        .at(object.name_span(), "in this object")
        .note("the base has to be what helm makes of the chart and the values that the ChartMapping names")
}

pub(super) fn does_not_fit(object: &BaseObject, field: &str, value: &str) -> Diagnostic {
    not_the_base(
        format!(
            "`{field}` of `{}` is not what `{value}` says",
            object.id.short()
        ),
        object,
    )
    .help("correct the value's path or form in the ChartMapping, or make the base anew with `helm template`")
}

pub(super) fn switched_off(object: &BaseObject, value: &str) -> Diagnostic {
    not_the_base(
        format!(
            "`{}` is in the base, and `{value}` leaves it out",
            object.id.short()
        ),
        object,
    )
    .help("correct `enabled` in the ChartMapping, or make the base anew with `helm template`")
}

pub(super) fn extra_differs(object: &BaseObject, value: &str) -> Diagnostic {
    not_the_base(
        format!("`{}` is not what `{value}` says", object.id.short()),
        object,
    )
    .help("make the base anew with `helm template`")
}

pub(super) fn two_objects(object: &BaseObject, other: &BaseObject) -> Diagnostic {
    not_the_base(
        format!(
            "one entry of the mapping is for `{}` and `{}`",
            object.id.short(),
            other.id.short()
        ),
        object,
    )
    .because(other.name_span(), "and for this one")
    .help("give each an entry with its `name` in a ChartMapping")
}

pub(super) fn unwritable(path: &str, reason: String) -> Diagnostic {
    Diagnostic::error(
        super::super::UNWRITABLE,
        format!("`{path}` of the values cannot be written"),
    )
    .note(reason)
}
