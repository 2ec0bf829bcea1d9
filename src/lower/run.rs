//! Running rules: lists, conditions, limits, findings, effects.
//!
//! One rule at a time, in the order of the profile; rules do not see each other, only the plan that they fill.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::account::{Account, Outcome};
use super::build::Builder;
use super::tree::{self, Failure, Leaf};
use super::{Input, finding, messages};
use crate::diag::Diagnostics;
use crate::lower::account::Entry;
use crate::model::name::Name;
use crate::model::object::ObjectId;
use crate::plan::{Action, Origin, Path, Plan};
use crate::profile::messages::failed;
use crate::profile::rule::{Effect, FindingKind, Rule, Tree};
use crate::profile::track::{self, Scope};
use crate::source::Span;

/// The state of one run of a profile.
pub(super) struct Runner<'a> {
    pub(super) input: Input<'a>,
    pub(super) account: Account,
    pub(super) plan: Builder,
    pub(super) base: BTreeMap<(&'a str, &'a str, Option<&'a str>), usize>,
    /// Whether a rule found its input to be wrong. What else would have been done with it is not missed: rules may wait for what is wrong.
    rejected: bool,
}

/// One instance of a rule: a rule with its lists' elements bound.
pub(super) struct Instance<'r> {
    pub(super) rule: &'r Rule,
    pub(super) code: Name,
    pub(super) scope: Arc<Scope>,
    start: usize,
    /// How much was read for the conditions and for the names of `let`.
    decided: usize,
    /// What decided: the origin of fixed values.
    ground: OnceCell<(Vec<Name>, Option<Span>)>,
}

impl<'a> Runner<'a> {
    pub(super) fn new(input: Input<'a>, account: Account) -> Self {
        let base = input
            .base
            .iter()
            .enumerate()
            .map(|(i, o)| {
                (
                    (
                        o.id.kind.as_str(),
                        o.id.name.as_str(),
                        o.id.namespace.as_deref(),
                    ),
                    i,
                )
            })
            .collect();
        Self {
            input,
            account,
            plan: Builder::default(),
            base,
            rejected: false,
        }
    }

    /// What holds for every target: the other generation's carriers are left out, other controllers' keys are removed.
    pub(super) fn built_in(&mut self) {
        let origin = |rule: &'static str, fields: Vec<Name>, span| Origin {
            rule: Name::Fixed(rule),
            fields,
            span,
        };
        for (id, span) in &self.input.edge.unused {
            self.plan.omit(
                id.clone(),
                origin(
                    "edgegen/unused-carrier",
                    vec![Name::Fixed("carriers")],
                    Some(*span),
                ),
            );
        }
        let mut unheard = Diagnostics::default();
        for key in &self.input.edge.foreign {
            let path = super::build::annotation_path(&key.key);
            let origin = origin(
                super::build::FOREIGN_KEY,
                key.fields.iter().map(|f| Name::read(f)).collect(),
                Some(key.span),
            );
            self.plan.object(&key.object).set(
                &key.object,
                path,
                Action::Remove,
                origin,
                &mut unheard,
            );
        }
    }

    /// Refuses what the head of the profile says that the target cannot express.
    pub(super) fn unsupported(&mut self, diags: &mut Diagnostics) {
        let head = &self.input.profile.head;
        for entry in &head.unsupported {
            let spans: Vec<Span> = self.account.below(&entry.field).map(|e| e.span).collect();
            let Some(first) = spans.first() else {
                continue;
            };
            let code = Name::from(format!("{}/{}", head.id, entry.id));
            diags.push(messages::unsupported(head, entry, *first, &spans[1..]));
            self.account.note(
                &spans,
                std::slice::from_ref(&entry.field),
                Outcome::Refused,
                &code,
            );
        }
    }

    /// Runs one rule for every combination of its lists' elements.
    pub(super) fn rule(&mut self, rule: &Rule, scope: &Arc<Scope>, diags: &mut Diagnostics) {
        track::clear();
        if let Err(f) = self.each(rule, 0, scope, diags) {
            diags.push(failed(&rule.code, f.span, &f.error));
        }
    }

    fn each(
        &mut self,
        rule: &Rule,
        depth: usize,
        scope: &Arc<Scope>,
        diags: &mut Diagnostics,
    ) -> Result<(), Failure> {
        let Some((name, over)) = rule.each.get(depth) else {
            let instance = Instance {
                rule,
                code: rule.code.clone(),
                scope: Arc::clone(scope),
                start: track::mark(),
                decided: 0,
                ground: OnceCell::new(),
            };
            return self.instance(instance, diags);
        };
        for item in tree::elements(over, scope)? {
            let inner = scope.with(name, item);
            self.each(rule, depth + 1, &inner, diags)?;
        }
        Ok(())
    }

    fn instance(&mut self, mut at: Instance<'_>, diags: &mut Diagnostics) -> Result<(), Failure> {
        let rule = at.rule;
        tree::bind(&mut at.scope, &rule.names[..rule.conditional])?;
        if let Some(when) = &rule.when
            && !when.holds(&at.scope).map_err(|error| Failure {
                error,
                span: when.span,
            })?
        {
            if rule.otherwise.is_some() {
                track::read_since(at.start, |reads| {
                    self.account
                        .note(reads, &rule.fields, Outcome::AlreadySo, &at.code);
                });
            }
            return Ok(());
        }
        tree::bind(&mut at.scope, &rule.names[rule.conditional..])?;
        tree::bind(&mut at.scope, &rule.lets)?;
        at.decided = track::mark();
        let mut worst = None;
        for limit in &rule.limits {
            if let Some(d) = finding::limit(&at.code, rule, limit, &at.scope) {
                diags.push(d);
                worst = Some(FindingKind::Reject);
            }
        }
        for f in &rule.findings {
            if !f.when.holds(&at.scope).map_err(|error| Failure {
                error,
                span: f.when.span,
            })? {
                continue;
            }
            // The value that the caret points at counts as answered, also where the condition did not read it.
            if let Some(v) = f.at.as_ref().and_then(|p| at.scope.locate(p)) {
                track::touch(&v);
            }
            diags.push(finding::stated(&at.code, rule, f, &at.scope));
            worst = worst.max(Some(f.kind));
        }
        self.rejected |= worst == Some(FindingKind::Reject);
        let outcome = match worst {
            Some(FindingKind::Reject | FindingKind::Refuse) => Outcome::Refused,
            Some(FindingKind::Approximate) => Outcome::Approximated,
            _ => Outcome::Emitted,
        };
        if outcome != Outcome::Refused {
            for effect in &rule.effects {
                self.effect(effect, &at, diags)?;
            }
        }
        let acts = !rule.effects.is_empty() || worst.is_some() || !rule.limits.is_empty();
        if acts {
            track::read_since(at.start, |reads| {
                self.account.note(reads, &rule.fields, outcome, &at.code);
            });
        }
        Ok(())
    }

    fn effect(
        &mut self,
        effect: &Effect,
        at: &Instance<'_>,
        diags: &mut Diagnostics,
    ) -> Result<(), Failure> {
        match effect {
            Effect::Patch(kind, body) => {
                for (id, scope) in self.objects(kind, at, diags) {
                    let leaves = tree::leaves(body, &scope)?;
                    self.fields(&id, leaves, at, diags);
                }
            }
            Effect::Append(kind, body) => {
                for (id, scope) in self.objects(kind, at, diags) {
                    self.append(&id, body, &scope, at)?;
                }
            }
            Effect::Ensure(body) | Effect::Create(body) => {
                let leaves = tree::leaves(body, &at.scope)?;
                let Some(id) = identity(&leaves) else {
                    diags.push(messages::no_identity(&at.code, at.rule.span));
                    return Ok(());
                };
                let id = self.known(id);
                if matches!(effect, Effect::Create(_)) {
                    self.plan.created(&id, &at.code, diags);
                }
                self.fields(&id, leaves, at, diags);
            }
            Effect::Omit(kind, name) => {
                let name = name.eval(&at.scope).map_err(|error| Failure {
                    error,
                    span: name.span,
                })?;
                let found = self
                    .input
                    .base
                    .iter()
                    .find(|o| o.id.kind == *kind && name.as_str() == Some(&o.id.name));
                if let Some(o) = found {
                    let origin = Origin {
                        rule: at.code.clone(),
                        fields: Vec::new(),
                        span: None,
                    };
                    self.plan.omit(o.id.clone(), origin);
                }
            }
            Effect::Remove(kind, paths) => {
                for (id, _) in self.objects(kind, at, diags) {
                    for path in paths {
                        let origin = origin(&self.account, at, &track::since(at.start));
                        self.plan
                            .object(&id)
                            .set(&id, path.clone(), Action::Remove, origin, diags);
                    }
                }
            }
        }
        Ok(())
    }

    fn fields(
        &mut self,
        id: &ObjectId,
        leaves: Vec<Leaf>,
        at: &Instance<'_>,
        diags: &mut Diagnostics,
    ) {
        let exists = self.base_object(id).is_some();
        let wanted = leaves
            .into_iter()
            .filter(|leaf| !exists || !names_the_object(&leaf.path));
        let mut wanted = wanted.peekable();
        if wanted.peek().is_none() {
            return;
        }
        let building = self.plan.object(id);
        for leaf in wanted {
            let origin = origin(&self.account, at, &leaf.reads);
            let action = leaf.value.map_or(Action::Remove, Action::Set);
            building.set(id, leaf.path, action, origin, diags);
        }
    }

    fn append(
        &mut self,
        id: &ObjectId,
        body: &Tree,
        scope: &Arc<Scope>,
        at: &Instance<'_>,
    ) -> Result<(), Failure> {
        for leaf in tree::leaves(body, scope)? {
            let origin = origin(&self.account, at, &leaf.reads);
            let items = match leaf.value {
                Some(Value::Array(items)) => items,
                Some(one) => vec![one],
                None => Vec::new(),
            };
            for item in items {
                let text = item
                    .as_str()
                    .map_or_else(|| item.to_string(), str::to_owned);
                self.plan
                    .append(id, leaf.path.clone(), text, origin.clone());
            }
        }
        Ok(())
    }

    /// Joins lists, checks keys, closes the books.
    pub(super) fn finish(mut self, diags: &mut Diagnostics) -> (Plan, Vec<Entry>) {
        let base = &self.base;
        let objects = self.input.base;
        let find = |id: &ObjectId| {
            base.get(&(id.kind.as_str(), id.name.as_str(), id.namespace.as_deref()))
                .copied()
        };
        let text_at = |id: &ObjectId, path: &Path| {
            let steps: Vec<&str> = path.iter().map(|s| &**s).collect();
            objects[find(id)?]
                .node()
                .at(&steps)?
                .as_str()
                .map(str::to_owned)
        };
        self.plan.join(self.input.profile, text_at, diags);
        super::keys::check(&self.plan, self.input, find, diags);
        let plan = std::mem::take(&mut self.plan).finish(|id| find(id).is_some(), diags);
        let account = self.account.close();
        for e in account
            .iter()
            .filter(|e| e.outcome == Outcome::Open && !self.rejected)
        {
            diags.push(messages::unanswered(
                &self.input.profile.head,
                &e.field,
                e.span,
            ));
        }
        (plan, account)
    }
}

/// Who wants a field, from what was read for it.
fn origin(account: &Account, at: &Instance<'_>, reads: &[Span]) -> Origin {
    let mut fields = account.fields(reads, &at.rule.fields);
    let mut span = reads.first().copied();
    if fields.is_empty() {
        // A fixed or a named value: what decided that it is written, and what the names stand for.
        let (decided, first) = at.ground.get_or_init(|| {
            track::read_since(at.start, |all| {
                let all = &all[..all.len().min(at.decided.saturating_sub(at.start))];
                (account.fields(all, &at.rule.fields), all.first().copied())
            })
        });
        fields.clone_from(decided);
        span = span.or(*first);
    }
    Origin {
        rule: at.code.clone(),
        fields,
        span,
    }
}

fn names_the_object(path: &[Name]) -> bool {
    match path {
        [field] => matches!(&**field, "apiVersion" | "kind"),
        [first, field] => *first == *"metadata" && matches!(&**field, "name" | "namespace"),
        _ => false,
    }
}

/// The identity that an object's own fields give.
fn identity(leaves: &[Leaf]) -> Option<ObjectId> {
    let text = |path: &[&str]| {
        let leaf = leaves
            .iter()
            .find(|l| l.path.iter().map(|s| &**s).eq(path.iter().copied()))?;
        leaf.value.as_ref()?.as_str().map(str::to_owned)
    };
    Some(ObjectId {
        api_version: text(&["apiVersion"])?,
        kind: text(&["kind"])?,
        namespace: text(&["metadata", "namespace"]),
        name: text(&["metadata", "name"])?,
    })
}
