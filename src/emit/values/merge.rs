//! Values as helm merges them, and the file that leads to wanted ones.
//!
//! Measured on helm 3 and 4: maps are merged, lists and scalars replaced; a null takes away a key of the chart's own values, and is
//! written out as a null where the key came from another file.

use serde_json::{Map, Value};

/// Lays one file of values over another.
pub fn lay(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                match below.get_mut(key) {
                    Some(inner) if inner.is_object() && value.is_object() => lay(inner, value),
                    _ => {
                        below.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (below, above) => *below = above.clone(),
    }
}

/// What templates see: the chart's own values below those of a release.
pub fn effective(defaults: &Value, user: &Value) -> Value {
    let (Value::Object(defaults), Value::Object(user)) = (defaults, user) else {
        return user.clone();
    };
    let mut out = Map::new();
    for (key, default) in defaults {
        match user.get(key) {
            Some(Value::Null) => {}
            Some(value) => {
                out.insert(key.clone(), effective(default, value));
            }
            None => {
                out.insert(key.clone(), default.clone());
            }
        }
    }
    for (key, value) in user.iter().filter(|(k, _)| !defaults.contains_key(*k)) {
        out.insert(key.clone(), value.clone());
    }
    Value::Object(out)
}

/// What a file has to say, in place of `user` and above `defaults`, so that templates see `wanted`. None where it need say nothing.
pub fn file(user: Option<&Value>, defaults: Option<&Value>, wanted: &Value) -> Option<Value> {
    let Value::Object(wanted) = wanted else {
        let same = user.is_none() && defaults == Some(wanted);
        return (!same).then(|| wanted.clone());
    };
    let (user_map, default_map) = (
        user.and_then(Value::as_object),
        defaults.and_then(Value::as_object),
    );
    let mut out = Map::new();
    let old = user_map.into_iter().flat_map(Map::keys);
    let new = wanted
        .keys()
        .filter(|k| user_map.is_none_or(|u| !u.contains_key(*k)));
    for key in old.chain(new) {
        let default = default_map.and_then(|d| d.get(key));
        match wanted.get(key) {
            Some(value) => {
                let said = file(user_map.and_then(|u| u.get(key)), default, value);
                said.map(|v| out.insert(key.clone(), v));
            }
            None if default.is_some_and(|d| !d.is_null()) => {
                out.insert(key.clone(), Value::Null);
            }
            None => {}
        }
    }
    let gone = default_map.into_iter().flatten().filter(|(k, v)| {
        !v.is_null() && !wanted.contains_key(*k) && user_map.is_none_or(|u| !u.contains_key(*k))
    });
    out.extend(gone.map(|(k, _)| (k.clone(), Value::Null)));
    let nothing = out.is_empty() && user.is_none() && default_map.is_some();
    (!nothing).then_some(Value::Object(out))
}

/// The value at a dotted path.
pub fn at<'v>(values: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(values, |at, key| at.get(key))
}

/// Sets the value at a dotted path, or takes it away.
pub fn put(values: &mut Value, path: &str, new: Option<Value>) {
    let mut at = values;
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    for key in parents.split('.').filter(|k| !k.is_empty()) {
        if !at.get(key).is_some_and(Value::is_object) {
            if new.is_none() {
                return;
            }
            at[key] = Value::Object(Map::new());
        }
        at = &mut at[key];
    }
    match (at.as_object_mut(), new) {
        (Some(map), Some(new)) => {
            map.insert(last.to_owned(), new);
        }
        (Some(map), None) => {
            map.shift_remove(last);
        }
        (None, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_file_leads_to_what_is_wanted() {
        let defaults = json!({"a": {"x": 1, "y": [1], "z": {}}, "b": "", "c": null});
        let user = json!({"a": {"x": 2, "own": {"k": "v"}}, "d": 4});
        let cases = [
            json!({"a": {"x": 2, "y": [1], "z": {}, "own": {"k": "v"}}, "b": "", "c": null, "d": 4}),
            json!({"a": {"x": 1, "y": [2], "z": {"n": "0"}, "own": {}}, "b": "", "c": null, "d": 4}),
            json!({"a": {"y": [1], "z": {}}, "c": null, "d": 4}),
            json!({"a": {"x": 2, "z": {}, "own": {"l": "w"}}, "b": "s", "c": null}),
        ];
        assert_eq!(effective(&defaults, &user), cases[0]);
        for wanted in cases {
            let said = file(Some(&user), Some(&defaults), &wanted).unwrap();
            assert_eq!(effective(&defaults, &said), wanted, "{said}");
        }
    }

    #[test]
    fn what_the_chart_says_already_is_not_said_again() {
        let defaults = json!({"a": {"x": 1}, "b": 2});
        let said = file(None, Some(&defaults), &json!({"a": {"x": 1}, "b": 3}));
        assert_eq!(said, Some(json!({"b": 3})));
        let said = file(None, Some(&defaults), &json!({"a": {}, "b": 2}));
        assert_eq!(said, Some(json!({"a": {"x": null}})));
        assert_eq!(file(None, Some(&defaults), &defaults), None);
    }
}
