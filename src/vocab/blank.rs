//! What the vocabulary says of documents that say nothing: trees in which every field is there and none is set.
//!
//! Expressions of profiles may ask for any field; with these trees a new field of the vocabulary needs no line of code to be there.

use std::sync::Arc;

use super::{Field, Shape, Type};
use crate::model::edge::WORDS;
use crate::model::name::{Name, Named};
use crate::model::val::{Data, Val};

/// The vocabulary as the resolver and the context of expressions need it; made once.
#[derive(Debug, Clone)]
pub struct Blank {
    /// Fields of an Exposure's `spec` that expressions see at the root, all unset. Lists of maps are empty lists.
    pub exposure: Arc<Val>,
    /// Settings of a backend, all unset.
    pub backend: Arc<Val>,
    /// `cluster` of an Environment, all unset.
    pub cluster: Arc<Val>,
    /// What a rule may say besides its path, by the names of [`WORDS`], all unset; a map for each entry of a list.
    pub words: Named<Arc<Val>>,
    /// Fields outside of lists whose value is a name that the environment binds: dotted path, and the key of the bindings.
    pub binds: Vec<(String, String)>,
    /// The same below an entry of `backends`.
    pub backend_binds: Vec<(String, String)>,
}

/// Fields of an exposure that the context of expressions has in another form: what they mean on the base, not what was written.
const RESOLVED: &[&str] = &["backends", "hostnames", "listeners", "routes"];

impl Blank {
    /// Derives the trees from the two documents' shapes.
    pub fn of(exposure: &Shape, environment: &Shape) -> Self {
        let backend = below(exposure, "backends");
        let mut out = Self {
            exposure: map(exposure, |f| {
                !f.engine && !RESOLVED.contains(&f.name.as_str())
            }),
            backend: backend.map_or_else(Val::null, |b| map(b, |f| !f.engine)),
            cluster: below(environment, "cluster").map_or_else(Val::null, |c| map(c, |_| true)),
            words: WORDS
                .iter()
                .filter_map(|(name, field)| {
                    let shape = field.split('.').try_fold(exposure, below)?;
                    Some(((*name).into(), unset(shape)))
                })
                .collect(),
            binds: Vec::new(),
            backend_binds: Vec::new(),
        };
        binds(exposure, "", &mut out.binds);
        if let Some(backend) = backend {
            binds(backend, "", &mut out.backend_binds);
        }
        out
    }
}

/// The shape of a field; of its entries, where it is a list.
fn below<'s>(shape: &'s Shape, name: &str) -> Option<&'s Shape> {
    let Type::Map(fields) = &shape.ty else {
        return None;
    };
    let field = fields.iter().find(|f| f.name == name)?;
    match &field.shape.ty {
        Type::List(of) => Some(of),
        _ => Some(&field.shape),
    }
}

fn map(shape: &Shape, keep: impl Fn(&Field) -> bool) -> Arc<Val> {
    let Type::Map(fields) = &shape.ty else {
        return Val::null();
    };
    let mut out = Named::default();
    for f in fields.iter().filter(|f| keep(f)) {
        out.insert(Name::read(&f.name), unset(&f.shape));
    }
    Val::new(Data::Map(out))
}

fn unset(shape: &Shape) -> Arc<Val> {
    match &shape.ty {
        Type::Map(_) => map(shape, |_| true),
        Type::List(_) => Val::list([]),
        Type::MapOf(_) | Type::Bindings(_) => Val::map::<Name>([]),
        _ => Val::null(),
    }
}

fn binds(shape: &Shape, path: &str, out: &mut Vec<(String, String)>) {
    let Type::Map(fields) = &shape.ty else {
        return;
    };
    for f in fields {
        let here = if path.is_empty() {
            f.name.clone()
        } else {
            format!("{path}.{}", f.name)
        };
        match &f.binds {
            Some(key) => out.push((here, key.clone())),
            None => binds(&f.shape, &here, out),
        }
    }
}
