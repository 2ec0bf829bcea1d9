//! Generic trees that share what they have in common with the object that they were made from.
//!
//! A plan changes a few fields of objects that have hundreds; a copy of each object for every step would be most of the work.

use std::borrow::Cow;

use serde_json::Value;

/// A tree of which only the maps and lists on the way to a change are its own.
#[derive(Debug)]
pub(super) enum Tree<'v> {
    /// As it stands elsewhere.
    Same(&'v Value),
    /// A map with other fields than the one that it was made from.
    Map(Vec<(&'v str, Tree<'v>)>),
    /// A list with other items.
    List(Vec<Tree<'v>>),
}

impl<'v> Tree<'v> {
    /// The fields, to be changed; `None` where it is no map.
    pub(super) fn fields_mut(&mut self) -> Option<&mut Vec<(&'v str, Tree<'v>)>> {
        if let Tree::Same(Value::Object(map)) = self {
            let fields = map.iter().map(|(k, v)| (k.as_str(), Tree::Same(v)));
            *self = Tree::Map(fields.collect());
        }
        match self {
            Tree::Map(fields) => Some(fields),
            _ => None,
        }
    }

    /// The items, to be changed; `None` where it is no list.
    pub(super) fn items_mut(&mut self) -> Option<&mut Vec<Tree<'v>>> {
        if let Tree::Same(Value::Array(items)) = self {
            *self = Tree::List(items.iter().map(Tree::Same).collect());
        }
        match self {
            Tree::List(items) => Some(items),
            _ => None,
        }
    }

    /// A field, to be changed.
    pub(super) fn field_mut(&mut self, key: &str) -> Option<&mut Tree<'v>> {
        let fields = self.fields_mut()?;
        fields.iter_mut().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// Sets a field of a map: in its place where it is there, else at the end.
    pub(super) fn insert(&mut self, key: &'v str, value: Tree<'v>) {
        match self.field_mut(key) {
            Some(old) => *old = value,
            None => {
                if let Some(fields) = self.fields_mut() {
                    fields.push((key, value));
                }
            }
        }
    }

    /// Takes a field out; whether it was there.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        if self.view().get(key).is_none() {
            return false;
        }
        if let Some(fields) = self.fields_mut() {
            fields.retain(|(k, _)| *k != key);
        }
        true
    }

    /// The tree, to be looked at.
    pub(super) fn view(&self) -> View<'_, 'v> {
        match self {
            Tree::Same(value) => View::Same(value),
            Tree::Map(fields) => View::Map(fields),
            Tree::List(items) => View::List(items),
        }
    }
}

/// A tree or a part of one.
#[derive(Debug, Clone, Copy)]
pub(super) enum View<'t, 'v> {
    Same(&'v Value),
    Map(&'t [(&'v str, Tree<'v>)]),
    List(&'t [Tree<'v>]),
}

impl<'t, 'v: 't> View<'t, 'v> {
    pub(super) fn is_map(self) -> bool {
        matches!(self, View::Map(_) | View::Same(Value::Object(_)))
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self, View::List(_) | View::Same(Value::Array(_)))
    }

    pub(super) fn is_null(self) -> bool {
        matches!(self, View::Same(Value::Null))
    }

    /// Whether it is a map or a list without anything in it.
    pub(super) fn is_empty(self) -> bool {
        match self {
            View::Map(fields) => fields.is_empty(),
            View::List(items) => items.is_empty(),
            View::Same(Value::Object(map)) => map.is_empty(),
            View::Same(Value::Array(items)) => items.is_empty(),
            View::Same(_) => false,
        }
    }

    /// A field of a map.
    pub(super) fn get(self, key: &str) -> Option<View<'t, 'v>> {
        match self {
            View::Same(Value::Object(map)) => map.get(key).map(View::Same),
            View::Map(fields) => fields
                .iter()
                .find(|(k, _)| *k == key)
                .map(|(_, v)| v.view()),
            _ => None,
        }
    }

    /// A part, by map keys.
    pub(super) fn at<K: AsRef<str>>(self, path: &[K]) -> Option<View<'t, 'v>> {
        path.iter().try_fold(self, |at, key| at.get(key.as_ref()))
    }

    /// The fields of a map in their order; none of anything else.
    pub(super) fn fields(self) -> impl Iterator<Item = (&'t str, View<'t, 'v>)> {
        let same = match self {
            View::Same(Value::Object(map)) => Some(map),
            _ => None,
        };
        let own = match self {
            View::Map(fields) => fields,
            _ => &[],
        };
        let same = same.into_iter().flatten();
        let same = same.map(|(k, v)| (k.as_str(), View::Same(v)));
        same.chain(own.iter().map(|(k, v)| (*k, v.view())))
    }

    fn items(self) -> Vec<View<'t, 'v>> {
        match self {
            View::Same(Value::Array(items)) => items.iter().map(View::Same).collect(),
            View::List(items) => items.iter().map(Tree::view).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the two are the same value; the order of fields does not count.
    pub(super) fn equals(self, other: View<'_, 'v>) -> bool {
        match (self, other) {
            (View::Same(a), View::Same(b)) => std::ptr::eq(a, b) || a == b,
            _ if self.is_map() && other.is_map() => {
                self.fields().count() == other.fields().count()
                    && self
                        .fields()
                        .all(|(k, v)| other.get(k).is_some_and(|o| v.equals(o)))
            }
            _ if self.is_list() && other.is_list() => {
                let (a, b) = (self.items(), other.items());
                a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.equals(*b))
            }
            _ => false,
        }
    }

    /// Whether it is the value `other`, which need not live as long as what the tree shares.
    pub(super) fn equals_value(self, other: &Value) -> bool {
        match (self, other) {
            (View::Same(own), _) => own == other,
            (View::Map(fields), Value::Object(map)) => {
                fields.len() == map.len()
                    && fields
                        .iter()
                        .all(|(k, v)| map.get(*k).is_some_and(|o| v.view().equals_value(o)))
            }
            (View::List(items), Value::Array(others)) => {
                items.len() == others.len()
                    && items
                        .iter()
                        .zip(others)
                        .all(|(v, o)| v.view().equals_value(o))
            }
            _ => false,
        }
    }

    /// The value; copied only where the tree shares nothing.
    pub(super) fn value(self) -> Cow<'v, Value> {
        match self {
            View::Same(value) => Cow::Borrowed(value),
            View::Map(_) => Cow::Owned(Value::Object(
                self.fields()
                    .map(|(k, v)| (k.to_owned(), v.value().into_owned()))
                    .collect(),
            )),
            View::List(_) => Cow::Owned(Value::Array(
                self.items()
                    .into_iter()
                    .map(|v| v.value().into_owned())
                    .collect(),
            )),
        }
    }
}
