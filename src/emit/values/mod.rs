//! Values of a chart that lead to the objects of a plan.
//!
//! For releases that no overlay or post-renderer reaches. The chart's templates stay what they are, so only fields that a value carries
//! can change; all else is said, or goes to the list of extra objects where the chart has one.

use serde_json::{Map, Value};

use crate::diag::{Diagnostic, Diagnostics};
use crate::model::document::ChartMapping;
use crate::model::name::Name;
use crate::model::object::{BaseObject, ObjectId};
use crate::model::val::Val;
use crate::plan::apply::{already_so, edited};
use crate::plan::index::BaseIndex;
use crate::plan::{Action, Edit, ObjectPlan, Origin, Path, Plan, show_path};
use crate::yaml::write::{Order, Unwritable, write};

pub mod forms;
pub mod merge;
mod messages;

use forms::{Form, is_empty};

/// What no value carries.
pub const NOT_CARRIED: crate::diag::Code = messages::NOT_CARRIED;

/// The file of values.
pub const VALUES: &str = "values.yaml";

/// Which values of a chart carry what, and what they are.
#[derive(Debug, Clone)]
pub struct Chart {
    entries: Vec<Entry>,
    extra: Option<String>,
    known: Option<Known>,
}

/// The values that the base was made with.
#[derive(Debug, Clone)]
pub struct Known {
    /// The chart's own.
    pub defaults: Value,
    /// Those of the release.
    pub user: Value,
}

#[derive(Debug, Clone)]
struct Entry {
    kind: String,
    name: Option<String>,
    enabled: Option<String>,
    fields: Vec<(Path, String, Form)>,
}

impl Chart {
    /// The chart that `mapping` describes, above the usual one.
    pub fn new(usual: &ChartMapping, mapping: Option<&ChartMapping>, known: Option<Known>) -> Self {
        let own: Vec<Entry> = mapping.map_or_else(Vec::new, |m| entries(&m.spec));
        let mut all = entries(&usual.spec);
        all.retain(|e| !own.iter().any(|o| o.kind == e.kind));
        all.extend(own);
        let extra = mapping.and_then(|m| m.spec.find("extraObjects")?.as_str().map(str::to_owned));
        Self {
            entries: all,
            extra,
            known,
        }
    }

    /// The entry for an object of the base.
    fn entry(&self, id: &ObjectId) -> Option<&Entry> {
        let fits = |e: &&Entry| e.kind == id.kind && e.name.as_ref().is_none_or(|n| *n == id.name);
        let mut all: Vec<&Entry> = self.entries.iter().filter(fits).collect();
        all.sort_by_key(|e| e.name.is_none());
        all.first().copied()
    }
}

fn entries(spec: &Val) -> Vec<Entry> {
    let text = |v: &Val, key: &str| v.find(key).and_then(|t| t.as_str().map(str::to_owned));
    let objects = spec.get("objects").map_or(&[][..], |o| o.items());
    let entry = |o: &std::sync::Arc<Val>| {
        let fields = o.get("fields").into_iter().flat_map(|f| f.entries());
        Some(Entry {
            kind: text(o, "kind")?,
            name: text(o, "name"),
            enabled: text(o, "enabled"),
            fields: fields
                .filter_map(|(path, v)| {
                    let path = path.split('.').map(|s| Name::from(s.to_owned())).collect();
                    let form = Form::named(text(v, "form").as_deref());
                    Some((path, text(v, "value")?, form))
                })
                .collect(),
        })
    };
    objects.iter().filter_map(entry).collect()
}

/// The values for a plan, with a head that names where they come from.
pub fn values(
    chart: &Chart,
    plan: &Plan,
    base: &BaseIndex<'_>,
    head: &str,
    diags: &mut Diagnostics,
) -> Option<String> {
    let empty = || Value::Object(Map::new());
    let (defaults, user) = match &chart.known {
        Some(k) => (k.defaults.clone(), k.user.clone()),
        // What the values must be, as far as the base shows them.
        None => (shown(chart, plan, base), empty()),
    };
    let before = merge::effective(&defaults, &user);
    let mut carrier = Carrier {
        chart,
        base,
        after: before.clone(),
        before,
        defaults: &defaults,
        diags,
    };
    for (id, object) in &plan.objects {
        match object {
            ObjectPlan::Patch(edits) => carrier.patch(id, edits),
            ObjectPlan::Omit(origin) => carrier.omit(id, origin),
            ObjectPlan::Create(edits) => carrier.create(id, edits),
        }
    }
    let after = carrier.after;
    let user = chart.known.is_some().then_some(&user);
    let file = merge::file(user, Some(&defaults), &after).unwrap_or_else(empty);
    match write([&file], Order::AsIs) {
        Ok(text) => Some(head.to_owned() + &text.text),
        Err(Unwritable { path, reason }) => {
            diags.push(messages::unwritable(&path, reason));
            None
        }
    }
}

/// The values of the fields that the plan changes, read off the base.
fn shown(chart: &Chart, plan: &Plan, base: &BaseIndex<'_>) -> Value {
    let mut out = Value::Object(Map::new());
    for object in plan.objects.keys().filter_map(|id| base.get(id)) {
        let Some(entry) = chart.entry(&object.id) else {
            continue;
        };
        let value = object.value();
        for (path, to, form) in &entry.fields {
            let field = path.iter().try_fold(&value, |at, key| at.get(&**key));
            let of = field.and_then(|f| form.invert(f, form.backend(f).as_ref()));
            of.into_iter()
                .for_each(|v| merge::put(&mut out, to, Some(v)));
        }
        if let Some(to) = &entry.enabled {
            merge::put(&mut out, to, Some(Value::Bool(true)));
        }
    }
    out
}

struct Carrier<'c> {
    chart: &'c Chart,
    base: &'c BaseIndex<'c>,
    defaults: &'c Value,
    /// What templates see, as the base was made.
    before: Value,
    /// What they are to see.
    after: Value,
    diags: &'c mut Diagnostics,
}

impl Carrier<'_> {
    fn patch(&mut self, id: &ObjectId, edits: &[Edit]) {
        let Some(object) = self.base.get(id) else {
            return;
        };
        let value = object.value();
        let changes: Vec<&Edit> = edits.iter().filter(|e| !already_so(e, &value)).collect();
        if changes.is_empty() {
            return;
        }
        let wanted = edited(value.clone(), edits);
        if let Some(at) = self.extra_at(object) {
            if forms::is_template(&wanted) {
                self.refuse(messages::template(id), object, &changes[0].origin);
            }
            self.extras(|list| list[at] = wanted);
            return;
        }
        let Some(entry) = self.chart.entry(id).cloned() else {
            self.refuse(messages::no_entry(object), object, &changes[0].origin);
            return;
        };
        if let Some(other) = self.rival(&entry, object) {
            self.diags.push(messages::two_objects(object, other));
            return;
        }
        for edit in &changes {
            if !entry
                .fields
                .iter()
                .any(|(path, ..)| edit.path.starts_with(path))
            {
                let what = messages::no_value(object, &show_path(&edit.path));
                self.refuse(what, object, &edit.origin);
            }
        }
        for (path, to, form) in &entry.fields {
            let mut mine = changes.iter().filter(|e| e.path.starts_with(path));
            let template =
                |e: &&&Edit| matches!(&e.action, Action::Set(v) if forms::is_template(v));
            let Some(change) = mine.clone().find(template).or_else(|| mine.next()) else {
                continue;
            };
            let of = |v: &Value| path.iter().try_fold(v, |at, k| at.get(&**k)).cloned();
            self.field(
                object,
                (path, to, *form),
                of(&value),
                of(&wanted),
                &change.origin,
            );
        }
    }

    /// Carries one field by one value.
    fn field(
        &mut self,
        object: &BaseObject,
        (path, to, form): (&[Name], &str, Form),
        old: Option<Value>,
        new: Option<Value>,
        origin: &Origin,
    ) {
        let shown = show_path(path);
        let backend = old.as_ref().and_then(|f| form.backend(f));
        let value = merge::at(&self.before, to);
        let fits = match (&old, value) {
            (None, v) => is_empty(v),
            (Some(old), Some(v)) => form
                .render(v, backend.as_ref())
                .is_some_and(|made| form.same(&made, old)),
            (Some(old), None) => is_empty(Some(old)),
        };
        if !fits && value.is_none() && self.chart.known.is_none() {
            self.refuse(messages::no_form(object, &shown, to), object, origin);
            return;
        }
        if !fits {
            self.diags.push(messages::does_not_fit(object, &shown, to));
            return;
        }
        let carried = match &new {
            // Where the chart's own value is none, there is nothing to say.
            None => merge::at(self.defaults, to)
                .filter(|d| is_empty(Some(d)))
                .cloned(),
            Some(field) => {
                let Some(value) = form.invert(field, backend.as_ref()) else {
                    self.refuse(messages::no_form(object, &shown, to), object, origin);
                    return;
                };
                if forms::is_template(&value) {
                    self.refuse(messages::template(&object.id), object, origin);
                    return;
                }
                if form.render(&value, backend.as_ref()).as_ref() != Some(field) {
                    self.diags.push(messages::defaults(object, &shown, to));
                }
                Some(value)
            }
        };
        if self.chart.known.is_none()
            && let Some(key) = lost_key(value, carried.as_ref())
        {
            self.refuse(
                messages::unknown_values(object, &shown, to, &key),
                object,
                origin,
            );
            return;
        }
        merge::put(&mut self.after, to, carried);
    }

    fn omit(&mut self, id: &ObjectId, origin: &Origin) {
        let Some(object) = self.base.get(id) else {
            return;
        };
        if let Some(at) = self.extra_at(object) {
            self.extras(|list| {
                list.remove(at);
            });
            return;
        }
        let entry = self.chart.entry(id).cloned();
        let Some(entry) = entry.filter(|e| e.enabled.is_some()) else {
            self.refuse(messages::no_switch(object), object, origin);
            return;
        };
        let to = entry.enabled.clone().unwrap_or_default();
        if let Some(other) = self.rival(&entry, object) {
            self.diags.push(messages::two_objects(object, other));
        } else if is_empty(merge::at(&self.before, &to)) {
            self.diags.push(messages::switched_off(object, &to));
        } else {
            merge::put(&mut self.after, &to, Some(Value::Bool(false)));
        }
    }

    fn create(&mut self, id: &ObjectId, edits: &[Edit]) {
        let new = edited(Value::Object(Map::new()), edits);
        let template = forms::is_template(&new);
        if !template && self.chart.extra.is_some() && self.chart.known.is_some() {
            self.extras(|list| list.push(new));
            return;
        }
        let span = edits.iter().find_map(|e| e.origin.span);
        let rule = edits.first().map_or("", |e| &*e.origin.rule);
        let d = if template {
            messages::template(id)
        } else {
            messages::no_extra(id, self.chart.extra.is_some())
        };
        let d = d.note(set_by(rule));
        self.diags.push(match span {
            Some(span) => d.at(span, "comes from here"),
            None => d,
        });
    }

    /// The position of an object of the base in the list of extra objects.
    fn extra_at(&mut self, object: &BaseObject) -> Option<usize> {
        let list = self
            .chart
            .extra
            .as_ref()
            .and_then(|to| merge::at(&self.after, to))?;
        let text = |v: &Value, p: &str| v.pointer(p).and_then(Value::as_str).map(str::to_owned);
        let position = list.as_array()?.iter().position(|v| {
            text(v, "/apiVersion").as_deref() == Some(&object.id.api_version)
                && text(v, "/kind").as_deref() == Some(&object.id.kind)
                && text(v, "/metadata/name").as_deref() == Some(&object.id.name)
                && text(v, "/metadata/namespace") == object.id.namespace
        })?;
        if list[position] != object.value() {
            let to = self.chart.extra.clone().unwrap_or_default();
            self.diags.push(messages::extra_differs(object, &to));
        }
        Some(position)
    }

    fn extras(&mut self, change: impl FnOnce(&mut Vec<Value>)) {
        let Some(to) = self.chart.extra.clone() else {
            return;
        };
        let list = merge::at(&self.after, &to).and_then(Value::as_array);
        let mut list = list.cloned().unwrap_or_default();
        change(&mut list);
        merge::put(&mut self.after, &to, Some(Value::Array(list)));
    }

    /// Another object of the base that the same entry is for, and that its values would change as well.
    fn rival(&self, entry: &Entry, object: &BaseObject) -> Option<&BaseObject> {
        let list = self
            .chart
            .extra
            .as_ref()
            .and_then(|to| merge::at(&self.before, to));
        let extra: Vec<&Value> = list
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .collect();
        let is_extra = |o: &BaseObject| {
            extra.iter().any(|v| {
                let text = |p: &str| v.pointer(p).and_then(Value::as_str);
                text("/kind") == Some(&o.id.kind) && text("/metadata/name") == Some(&o.id.name)
            })
        };
        self.base.objects().iter().find(|o| {
            let same = self.chart.entry(&o.id);
            o.id != object.id
                && o.id.kind == entry.kind
                && same.is_some_and(|e| e.name == entry.name)
                && !is_extra(o)
        })
    }

    /// Says what no value carries; an exposure may accept it.
    fn refuse(&mut self, d: Diagnostic, object: &BaseObject, origin: &Origin) {
        let d = d.note(set_by(&origin.rule));
        let place = object.name_span();
        self.diags.push(match origin.span.filter(|s| *s != place) {
            Some(span) => d
                .at(span, "comes from here")
                .because(place, "in this object"),
            None => d.at(place, "in this object"),
        });
    }
}

fn set_by(rule: &str) -> String {
    format!("asked for by `{rule}`")
}

/// A key of a map that a new value does not have.
fn lost_key(old: Option<&Value>, new: Option<&Value>) -> Option<String> {
    let old = old?.as_object()?;
    let new = new.and_then(Value::as_object);
    let mut gone = old
        .keys()
        .filter(|k| new.is_none_or(|n| !n.contains_key(*k)));
    gone.next().cloned()
}
