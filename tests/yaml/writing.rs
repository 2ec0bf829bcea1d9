//! What is written reads back as it was, whatever it holds.
//!
//! Strings are generated to be hostile; two readers that share no code must agree on them.

use edgegen::yaml::write::{Order, to_yaml, write, write_documents};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{load, one};

#[test]
fn layout() {
    let value = json!({
        "name": "web", "on": "on", "port": 80, "ratio": 0.5, "none": null, "empty": {}, "nothing": [],
        "list": ["30s", "0x1F", [1, [2]], {"a": 1, "b": [{}]}, [], "text: x"],
        "script": "a\n\n  b\n", "kept": "x\n\n", "cut": "x\ny", "trail": "x \ny\n", "map": {"k": {"v": "~"}}
    });
    let text = "\
name: web
\"on\": \"on\"
port: 80
ratio: 0.5
none: null
empty: {}
nothing: []
list:
- \"30s\"
- \"0x1F\"
- - 1
  - - 2
- a: 1
  b:
  - {}
- []
- \"text: x\"
script: |
  a

    b
kept: |+
  x

cut: |-
  x
  y
trail: \"x \\ny\\n\"
map:
  k:
    v: \"~\"
";
    assert_eq!(to_yaml(&value).as_deref(), Ok(text));
    assert_eq!(one(text), value);
    assert_eq!(
        write_documents(&[json!({"a": 1}), json!([1])]).as_deref(),
        Ok("a: 1\n---\n- 1\n")
    );
}

#[test]
fn order() {
    let value = json!({
        "status": 1, "spec": {"z": 1, "a": 2}, "metadata": {"uid": 1, "annotations": {"b": 1, "a": 2}, "labels": {}, "namespace": "n", "name": "x"},
        "kind": "K", "apiVersion": "v1", "data": [{"b": 1, "a": 2}, 0]
    });
    let text = |v: &Value| write([v], Order::Canonical).map(|t| t.text);
    assert_eq!(
        text(&value).as_deref(),
        Ok(
            "apiVersion: v1\nkind: K\nmetadata:\n  name: x\n  namespace: \"n\"\n  labels: {}\n  annotations:\n    a: 2\n    b: 1\n  uid: 1\n\
             spec:\n  a: 2\n  z: 1\ndata:\n- a: 2\n  b: 1\n- 0\nstatus: 1\n"
        )
    );
    let patch = json!([{"value": {"b": 1, "a": 2}, "path": "/spec", "op": "add"}, {"path": "/x", "op": "remove"}]);
    assert_eq!(
        text(&patch).as_deref(),
        Ok("- op: add\n  path: /spec\n  value:\n    a: 2\n    b: 1\n- op: remove\n  path: /x\n")
    );
}

#[test]
fn what_no_reader_reads_back_is_refused() {
    for (value, path) in [
        (json!({"a": ["x", "\u{85}"]}), "a.1"),
        (json!({"a\u{7f}": 1}), "a\u{7f}"),
        (json!({"a": {"<<": 1}}), "a.<<"),
        (json!({"a": "\u{ffff}"}), "a"),
    ] {
        assert_eq!(to_yaml(&value).map_err(|e| e.path), Err(path.to_owned()));
    }
    assert!(to_yaml(&json!({"k".repeat(1001): 1})).is_err());
    assert!(to_yaml(&json!({"\u{1}".repeat(300): 1})).is_err());
    let deep = (0..300).fold(json!(1), |v, _| json!([v]));
    assert!(to_yaml(&deep).is_err());
}

/// Strings that some reader takes for something else, and mixtures of dangerous pieces.
fn hostile() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "",
        "y",
        "Yes",
        "on",
        "OFF",
        "null",
        "~",
        "true",
        "0777",
        "1_000",
        "0x1F",
        "0X1f",
        "0b1",
        "1e3",
        ".5",
        "+1",
        ".inf",
        "2024-01-02",
        "1:30",
        "=",
        "<<x",
        "- a",
        "? a",
        ": a",
        "a: b",
        "a #b",
        "#",
        "---",
        "--- a",
        "...",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a",
        "{}",
        "[]",
        "{{ a }}",
        "a\n",
        "\n",
        "\n\na",
        "a\n\n",
        " a\nb",
        "a \nb",
        "\ta\nb",
        "a\tb",
        "a\r\nb",
        "'",
        "\"",
        "\\",
        "\\/",
        "a\\nb",
        "\u{a0}",
        "\u{2028}",
        "\u{feff}",
        "😀",
        "日本: 語",
        "|",
        ">",
        ">-",
        "k=v,w=x",
        "${A}",
        "a\n---\nb",
        "a\n...\n",
        "\u{0}",
        "\u{1b}[1m",
        "/a:",
        "a ",
    ];
    const PIECES: &[&str] = &[
        "a", " ", "\n", ":", "#", "-", "\t", "\r", "'", "\"", "\\", "é", "😀", "\u{1}", "0", "_",
        ".", ",", "{", "]", "&", "!", "%", "~",
    ];
    prop_oneof![
        proptest::sample::select(WORDS).prop_map(str::to_owned),
        proptest::collection::vec(proptest::sample::select(PIECES), 0..12).prop_map(|p| p.concat()),
        any::<String>(),
    ]
}

fn writable(text: &str) -> bool {
    text != "<<"
        && !text
            .chars()
            .any(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        hostile()
            .prop_filter("writable", |s| writable(s))
            .prop_map(Value::String),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("finite", |f| f.is_finite())
            .prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = hostile().prop_filter("writable", |s| writable(s));
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec((key, inner), 0..6)
                .prop_map(|e| Value::Object(e.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(value in tree()) {
        let value = json!({ "root": value });
        let text = to_yaml(&value).expect("writable");
        let (docs, found) = load(&text);
        prop_assert_eq!(&found, &Vec::<String>::new(), "{}", text);
        prop_assert_eq!(&docs, &vec![value.clone()], "{}", text);
        let other: Value = yaml_serde::from_str(&text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        prop_assert_eq!(other, value, "{}", text);
    }

    #[test]
    fn a_stream_reads_back(values in proptest::collection::vec(tree(), 1..4)) {
        let values: Vec<Value> = values.into_iter().filter(|v| !v.is_null()).collect();
        let text = write_documents(&values).expect("writable");
        let (docs, found) = load(&text);
        prop_assert_eq!(&found, &Vec::<String>::new(), "{}", text);
        prop_assert_eq!(docs, values, "{}", text);
    }

    #[test]
    fn nothing_makes_the_reader_panic(pieces in proptest::collection::vec(hostile(), 0..8), sep in "[ \n:,-]{0,2}") {
        let (docs, found) = load(&pieces.join(&sep));
        prop_assert!(docs.len() + found.len() < 1000);
    }
}
