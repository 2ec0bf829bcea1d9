//! The trace: one line for each edit, with the neutral field and the rule behind it.
//!
//! A reviewer sees why a line of an overlay is there without reading a profile.

use crate::model::object::{BaseObject, ObjectId};
use crate::plan::apply::already_so;
use crate::plan::index::BaseIndex;
use crate::plan::patch::order;
use crate::plan::{Action, ObjectPlan, Origin, Plan, show_path};

/// Writes the trace of a plan, by kind, namespace, name and field.
pub fn trace(plan: &Plan, base: &BaseIndex<'_>) -> String {
    let mut objects: Vec<_> = plan.objects.iter().collect();
    objects.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
    let mut out = String::new();
    for (id, object) in objects {
        let title = title(id, plan);
        match object {
            ObjectPlan::Patch(edits) => {
                let value = base.get(id).map(BaseObject::value).unwrap_or_default();
                for edit in edits {
                    let mark = match edit.action {
                        _ if already_so(edit, &value) => "  already so",
                        Action::Remove => "  removed",
                        Action::Set(_) => "",
                    };
                    line(&mut out, &title, &show_path(&edit.path), &edit.origin, mark);
                }
            }
            ObjectPlan::Create(edits) => {
                for edit in edits {
                    line(&mut out, &title, &show_path(&edit.path), &edit.origin, "");
                }
            }
            ObjectPlan::Omit(origin) => line(&mut out, &title, "left out", origin, ""),
        }
    }
    out
}

/// `Kind/name`, with the namespace when the plan has two such objects.
fn title(id: &ObjectId, plan: &Plan) -> String {
    let twice = plan
        .objects
        .keys()
        .filter(|other| other.kind == id.kind && other.name == id.name)
        .count()
        > 1;
    if twice { id.to_string() } else { id.short() }
}

fn line(out: &mut String, title: &str, what: &str, origin: &Origin, mark: &str) {
    let fields = if origin.fields.is_empty() {
        "-".to_owned()
    } else {
        let fields: Vec<&str> = origin.fields.iter().map(|f| &**f).collect();
        fields.join(", ")
    };
    out.extend([
        title,
        " ",
        what,
        "  <-  ",
        &fields,
        "  (",
        &origin.rule,
        ")",
        mark,
        "
",
    ]);
}
