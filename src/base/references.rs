//! Names of renamed objects, followed to the objects that hold them.
//!
//! Done once, after the outermost kustomization, with the history of every object: that is when kustomize does it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::object::Object;
use super::referrals::{self, Referral};
use super::transform::report;
use super::walk::{self, Make, Trouble};
use crate::diag::Diagnostics;

/// What is known of all objects while one of them is changed.
struct Index {
    /// Objects by kind and each earlier name.
    by_name: BTreeMap<String, BTreeMap<String, Vec<usize>>>,
    /// Snapshot of each object.
    all: Vec<Facts>,
    /// All pairs of written and present namespace; absent for cluster-scoped objects.
    namespaces: BTreeSet<(Option<String>, Option<String>)>,
}

struct Facts {
    group: String,
    version: String,
    kind: String,
    name: String,
    namespace: Option<String>,
    written: Option<String>,
    effective: Option<String>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

/// Follows all names.
pub(crate) fn follow(objects: &mut [Object], diags: &mut Diagnostics) {
    if objects.iter().all(|o| o.names.is_empty()) {
        return;
    }
    let renamed = objects
        .iter()
        .any(|o| !o.prefixes.is_empty() || !o.suffixes.is_empty());
    let index = Index::new(objects);
    let mut tables: BTreeMap<(String, String), Vec<(&Referral, String)>> = BTreeMap::new();
    for (i, object) in objects.iter_mut().enumerate() {
        let key = (object.id.api_version.clone(), object.id.kind.clone());
        let table = tables.entry(key).or_insert_with(|| {
            let all =
                referrals::references(object.id.group(), object.id.version(), &object.id.kind);
            // Where no name changed, only references that carry a namespace can change.
            all.into_iter()
                .filter(|(_, path)| {
                    renamed || path == "subjects" || path.ends_with("clientConfig/service")
                })
                .collect()
        });
        if table.is_empty() {
            continue;
        }
        let done = object.change(|value| {
            let referrer = Referrer::new(&index, i, value);
            let mut changed = false;
            for (referral, path) in table.iter() {
                let to = Target {
                    referrer: &referrer,
                    referral,
                    role: role_of(path, value),
                };
                changed |= walk::each(value, path, Make::Nothing, &mut |leaf| to.set(leaf))?;
            }
            Ok(changed)
        });
        report(object, done, "references", diags);
    }
}

impl Index {
    fn new(objects: &[Object]) -> Self {
        let mut by_name: BTreeMap<String, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
        let mut namespaces = BTreeSet::new();
        let mut all = Vec::with_capacity(objects.len());
        for (i, object) in objects.iter().enumerate() {
            for name in &object.names {
                let list = by_name
                    .entry(object.id.kind.clone())
                    .or_default()
                    .entry(name.clone())
                    .or_default();
                if list.last() != Some(&i) {
                    list.push(i);
                }
            }
            let effective = object.effective_namespace().map(str::to_owned);
            let written = object.written_namespace().map(str::to_owned);
            namespaces.insert((written.clone(), effective.clone()));
            all.push(Facts {
                group: object.id.group().to_owned(),
                version: object.id.version().to_owned(),
                kind: object.id.kind.clone(),
                name: object.id.name.clone(),
                namespace: object.id.namespace.clone(),
                written,
                effective,
                prefixes: object.prefixes.clone(),
                suffixes: object.suffixes.clone(),
            });
        }
        Self {
            by_name,
            all,
            namespaces,
        }
    }
}

/// The object that holds names.
struct Referrer<'i> {
    index: &'i Index,
    me: &'i Facts,
    /// Namespaces of the accounts that a `RoleBinding` binds.
    bound: BTreeSet<String>,
}

impl<'i> Referrer<'i> {
    fn new(index: &'i Index, at: usize, value: &Value) -> Self {
        let me = &index.all[at];
        let subjects = value
            .get("subjects")
            .and_then(Value::as_array)
            .filter(|_| me.kind == "RoleBinding");
        let bound = subjects
            .into_iter()
            .flatten()
            .filter(|s| s.get("kind").and_then(Value::as_str) == Some("ServiceAccount"))
            .filter_map(|s| {
                s.get("namespace")
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            })
            .collect();
        Self { index, me, bound }
    }

    /// Whether an object in this namespace could be meant at all.
    fn reaches(&self, effective: Option<&str>) -> bool {
        let (Some(mine), Some(its)) = (self.me.effective.as_deref(), effective) else {
            return true;
        };
        mine == its || self.bound.contains(its)
    }

    fn can_mean(&self, other: &Facts) -> bool {
        self.reaches(other.effective.as_deref())
            && (other.kind == "ServiceAccount"
                || self.me.effective.is_none()
                || other.effective.is_none()
                || self.me.effective == other.effective)
    }
}

/// One field of the referrer.
struct Target<'r, 'i> {
    referrer: &'r Referrer<'i>,
    referral: &'r Referral,
    /// Group and kind that a `roleRef` names.
    role: Option<(String, String)>,
}

impl<'i> Target<'_, 'i> {
    fn set(&self, leaf: &mut Value) -> Result<bool, Trouble> {
        match leaf {
            Value::Null => Ok(false),
            Value::Array(items) => {
                let mut changed = false;
                for item in items {
                    changed |= match item {
                        Value::Object(_) => self.set_map(item)?,
                        _ => self.set_text(item)?,
                    };
                }
                Ok(changed)
            }
            Value::Object(_) => self.set_map(leaf),
            _ => self.set_text(leaf),
        }
    }

    fn set_text(&self, leaf: &mut Value) -> Result<bool, Trouble> {
        let Some(old) = leaf.as_str() else {
            return Ok(false);
        };
        match self.select(old, None, |a, b| a.name == b.name)? {
            Some(found) => walk::become_text(leaf, &found.name),
            None => Ok(false),
        }
    }

    fn set_map(&self, leaf: &mut Value) -> Result<bool, Trouble> {
        let Some(old) = leaf.get("name").and_then(Value::as_str) else {
            return Err("the reference has no `name`".to_owned());
        };
        let within = leaf.get("namespace").and_then(Value::as_str);
        let Some(found) = self.select(old, within, |a, b| {
            a.name == b.name && a.namespace == b.namespace
        })?
        else {
            return Ok(false);
        };
        let mut changed = walk::put(leaf, "name", &found.name)?;
        if let Some(namespace) = &found.namespace {
            changed |= walk::put(leaf, "namespace", namespace)?;
        }
        Ok(changed)
    }

    /// The object that `old` means; an error where it could be several.
    fn select(
        &self,
        old: &str,
        within: Option<&str>,
        same: impl Fn(&Facts, &Facts) -> bool,
    ) -> Result<Option<&'i Facts>, Trouble> {
        let index = self.referrer.index;
        let Some(named) = index
            .by_name
            .get(self.referral.to.kind)
            .and_then(|names| names.get(old))
        else {
            return Ok(None);
        };
        // A namespace in the reference is the written one if any object has it, else the present one.
        let by_written = within.is_some_and(|ns| {
            index.namespaces.iter().any(|(written, now)| {
                written.as_deref() == Some(ns) && self.referrer.reaches(now.as_deref())
            })
        });
        let mut found: Vec<&Facts> = named
            .iter()
            .map(|i| &index.all[*i])
            .filter(|f| match within {
                Some(ns) if by_written => f.written.as_deref() == Some(ns),
                Some(ns) => f.effective.as_deref() == Some(ns),
                None => true,
            })
            .filter(|f| self.referral.to.matches(&f.group, &f.version, &f.kind))
            .filter(|f| {
                self.role.as_ref().is_none_or(|(group, kind)| {
                    (group.is_empty() || *group == f.group) && *kind == f.kind
                })
            })
            .filter(|f| self.referrer.can_mean(f))
            .collect();
        if found.len() > 1 {
            found.retain(|f| is_near(self.referrer.me, f, true));
        }
        if found.len() > 1 {
            found.retain(|f| is_near(self.referrer.me, f, false));
        }
        match found.as_slice() {
            [] => Ok(None),
            [first, rest @ ..] if rest.iter().all(|f| same(first, f)) => Ok(Some(first)),
            _ => Err(format!(
                "`{old}` could mean several objects of kind {}",
                self.referral.to.kind
            )),
        }
    }
}

/// Whether two objects got their names in the same part of the chain.
fn is_near(a: &Facts, b: &Facts, lenient: bool) -> bool {
    let same = |a: &[String], b: &[String]| {
        if a.is_empty() || b.is_empty() {
            return lenient || a.len() == b.len();
        }
        a.ends_with(b) || b.ends_with(a)
    };
    same(&a.prefixes, &b.prefixes) && same(&a.suffixes, &b.suffixes)
}

/// What a `roleRef` says about itself, when the path leads into one.
fn role_of(path: &str, value: &Value) -> Option<(String, String)> {
    if path != "roleRef/name" {
        return None;
    }
    let role = value.get("roleRef")?;
    Some((
        role.get("apiGroup")?.as_str()?.to_owned(),
        role.get("kind")?.as_str()?.to_owned(),
    ))
}
