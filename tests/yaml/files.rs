//! Documents and streams: what is taken, what is said, and where.
//!
//! Each case is one on which YAML libraries and the Kubernetes tools disagree.

use std::fmt::Write as _;

use edgegen::diag::Diagnostics;
use edgegen::source::Sources;
use edgegen::yaml::read::{Limits, decode_text, read};
use proptest::prelude::*;
use serde_json::json;

use super::{load, load_with, one};

#[test]
fn ordinary_documents() {
    let (docs, found) = load(
        "a: 1\nb: [x, {c: 2}]\nd:\n- e: |\n    t\n  f: \"q\\n\"\n---\n# none\n---\nnull\n---\n\n---\nk: 0444\n",
    );
    assert_eq!(found, [""; 0]);
    assert_eq!(
        docs,
        [
            json!({"a": 1, "b": ["x", {"c": 2}], "d": [{"e": "t\n", "f": "q\n"}]}),
            json!({"k": 292})
        ]
    );
    assert_eq!(load("").0, Vec::<serde_json::Value>::new());
    assert_eq!(load("\u{feff}").0, Vec::<serde_json::Value>::new());
    assert_eq!(load("---").0, Vec::<serde_json::Value>::new());
}

#[test]
fn accepted_forms() {
    for (text, value) in [
        ("\u{feff}a: 1\n", json!({"a": 1})),
        ("\u{feff}---\na: 1\n", json!({"a": 1})),
        ("---\n\u{feff}a: 1\n", json!({"a": 1})),
        (
            "a: 1\r\nb: |\r\n  x\r\n  y\r\n---\r\n",
            json!({"a": 1, "b": "x\ny\n"}),
        ),
        ("a: |\n  ---\n  b\n", json!({"a": "---\nb\n"})),
        ("a:\t1\n", json!({"a": 1})),
        ("a: [\n1,\n2\n]\n", json!({"a": [1, 2]})),
        (
            "a: &x {k: 1}\nb: *x\n",
            json!({"a": {"k": 1}, "b": {"k": 1}}),
        ),
        (
            "a: &x s\nb: [*x, *x]\nc: 1\n",
            json!({"a": "s", "b": ["s", "s"], "c": 1}),
        ),
        (
            "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\n",
            json!({"a": {"k": 1, "l": 2}, "b": {"k": 3, "l": 2}}),
        ),
        (
            "a: &x {k: 1}\nc: &z {k: 2, m: 4}\nb:\n  <<: [*x, *z]\n",
            json!({"a": {"k": 1}, "c": {"k": 2, "m": 4}, "b": {"k": 1, "m": 4}}),
        ),
        ("a: !!binary aGk=\n", json!({"a": "hi"})),
        (
            "a: !!str 1\nb: !!int \"1\"\nc: !!float 1\nd: !custom x\ne: !custom 1\nf: ! 1\n",
            json!({"a": "1", "b": 1, "c": 1, "d": "x", "e": "1", "f": "1"}),
        ),
        ("a: 1\n...\n", json!({"a": 1})),
        ("a: 1\n...\n---\n", json!({"a": 1})),
        ("--- # first\na: 1\n", json!({"a": 1})),
        (
            "{\"a\": [1, true, null, \"x\"]}",
            json!({"a": [1, true, null, "x"]}),
        ),
        (
            "{\n\t\"a\": \"b\tc\",\n\t\"d\": [\n\t\t1\n\t]\n}\n",
            json!({"a": "b\tc", "d": [1]}),
        ),
        ("a:\nb:\n- \n- ~\n", json!({"a": null, "b": [null, null]})),
        ("? a\n: 1\n", json!({"a": 1})),
        ("\"on\": 1\n'8080': x\n", json!({"on": 1, "8080": "x"})),
        ("a: >-\n  x\n  y\n", json!({"a": "x y"})),
        ("a: x\n  y\n", json!({"a": "x y"})),
        (
            "a: \"{{ $labels.instance }}\"\n",
            json!({"a": "{{ $labels.instance }}"}),
        ),
        ("just text\n", json!("just text")),
        (
            "a: !!str\nb: &x\nc: *x\nd: 1\n",
            json!({"a": "", "b": null, "c": null, "d": 1}),
        ),
        (
            "a: |+\n  x\n\nb: |2\n   x\nc: |\n  x\n\n",
            json!({"a": "x\n\n", "b": " x\n", "c": "x\n"}),
        ),
        (
            "a: {b, c: }\nd: [a: 1]\n",
            json!({"a": {"b": null, "c": null}, "d": [{"a": 1}]}),
        ),
    ] {
        assert_eq!(one(text), value, "{text:?}");
    }
}

#[test]
fn findings_and_their_places() {
    let key = "k".repeat(1100);
    for (text, expected) in [
        ("a: 1\nb: 2\na: 3\n", "3:1 EG1011 a"),
        ("a: {b: 1, \"b\": 2}\n", "1:11 EG1011 \"b\""),
        ("8080: x\n", "1:1 EG1012 8080"),
        ("true: x\n", "1:1 EG1012 true"),
        ("~: x\n", "1:1 EG1012 ~"),
        ("2024-01-02: x\n", "1:1 EG1012 2024-01-02"),
        ("{[a]: x}\n", "1:2 EG1012 ["),
        ("on: x\n", "1:1 EG1013 on"),
        ("a: *b\n", "1:4 EG1016 *b"),
        ("a: &x [*x]\n", "1:8 EG1016 *x"),
        ("a: &x 1\n---\nb: *x\n", "3:4 EG1016 *x"),
        ("\"<<\": {a: 1}\n", "1:1 EG1017 \"<<\""),
        ("<<: text\n", "1:5 EG1017 text"),
        ("a: &x {k: 1}\nb:\n  k: 2\n  <<: *x\n", "3:3 EG1018 k"),
        ("a: {{ .Values.x }}\n", "1:4 EG1021 {{ .Values.x }}"),
        (
            "a: 1\n{{- if .Values.x }}\nb: 1\n{{- end }}\n",
            "2:1 EG1021 {{- if .Values.x }}",
        ),
        (
            "a: {{ include \"x\" . | nindent 4 }}\n",
            "1:4 EG1021 {{ include \"x\" . | nindent 4 }}",
        ),
        (
            "{{- with .Values.x }}\na: 1\n{{- end }}\n",
            "1:1 EG1021 {{- with .Values.x }}",
        ),
        ("%YAML 1.1\n---\na: 1\n", "1:1 EG1022 %"),
        ("a: 1\n...\nb: 2\n", "3:1 EG1023 b: 2"),
        ("{\"a\": 1}\n{\"b\": 2}\n", "2:1 EG1023 {\"b\": 2}"),
        ("--- {a: 1}\n", "1:1 EG1024 ---"),
        ("a: 1\n----\nb: 1\n", "2:1 EG1024 ----"),
        ("a: .inf\n", "1:4 EG1025 .inf"),
        ("a: 2024-01-02\n", "1:4 EG1026 2024-01-02"),
        ("a: !!int x\n", "1:10 EG1027 x"),
        ("a: !!binary \"?\"\n", "1:13 EG1027 \"?\""),
        ("a: \"x\\/y\"\n", "1:6 EG1028 \\/"),
        ("a: \"\\ud83d\\ude00\"\n", "1:5 EG1028 \\ud83d"),
        ("a: \u{1}\n", "1:4 EG1029 \u{1}"),
        ("a: \u{9b}\n", "1:4 EG1029 \u{9b}"),
        ("a: 1\n\t\nb: 2\n", "2:1 EG1031 \t"),
        ("a: |\n  x", "2:3 EG1032 x"),
        ("a:\n\tb: 1\n", "2:1 EG1033 \t"),
        ("a: \"x\n", "1:4 EG1010 \""),
    ] {
        let (_, found) = load(text);
        assert_eq!(
            found.first().map(String::as_str),
            Some(expected),
            "{text:?} {found:?}"
        );
    }
    for text in [
        format!("{key}: 1\n"),
        format!("\"{key}\": 1\n"),
        format!("{{\"{key}\": 1}}\n"),
        format!("? {key}\n: 1\n"),
    ] {
        let (_, found) = load(&text);
        assert!(
            found.len() == 1 && found[0].contains(" EG1030 "),
            "{found:?}"
        );
    }
}

#[test]
fn other_documents_are_read_and_all_errors_are_said() {
    let (docs, found) = load("a: 1\n---\nb: [\n---\nc: 3\n---\nd: \"x\n---\ne: 5\n");
    assert_eq!(docs, [json!({"a": 1}), json!({"c": 3}), json!({"e": 5})]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn limits_hold() {
    let limits = Limits {
        max_bytes: 1000,
        max_depth: 5,
        max_nodes: 50,
    };
    assert_eq!(load_with(&"a".repeat(1001), &limits).1.len(), 1);
    assert_eq!(load_with("[[[[[1]]]]]", &limits).1, [""; 0]);
    assert_eq!(load_with("[[[[[[1]]]]]]", &limits).1, ["1:6 EG1014 ["]);
    assert_eq!(load_with("- - - - - - 1\n", &limits).1, ["1:11 EG1014 -"]);
    assert_eq!(
        load_with("a: &a [[[1]]]\nb: [[*a]]\n", &limits).1,
        ["2:6 EG1014 *a"]
    );
    let bomb = "a: &a [1,1,1,1,1]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n";
    assert_eq!(load_with(bomb, &limits).1, ["3:11 EG1015 *b"]);
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        for depth in [201, 10_000] {
            let (docs, found) = load(&(open.repeat(depth) + "x" + &close.repeat(depth) + "\n"));
            assert!(docs.is_empty() && found.len() == 1, "{open} {found:?}");
        }
    }
    let mut wide = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..10 {
        let _ = writeln!(
            wide,
            "a{i}: &a{i} [{}]",
            vec![format!("*a{}", i - 1); 9].join(", ")
        );
    }
    assert!(load(&wide).1[0].contains("EG1015"));
}

#[test]
fn spans_are_exact() {
    let text =
        "\u{feff}é: \"q\\n\"\nmap:\n  k: [1, 'x']   # c\n\nempty:\nlast: v\n---\nsecond: {a: b}\n";
    let mut sources = Sources::default();
    let id = sources.add("t.yaml", text);
    let docs = read(
        &sources,
        id,
        &Limits::default(),
        &mut Diagnostics::default(),
    );
    let root = docs[0].root();
    let slice = |key: &str| root.get(key).map(|n| sources.slice(n.span()));
    assert_eq!(slice("é"), Some("\"q\\n\""));
    assert_eq!(slice("map"), Some("k: [1, 'x']"));
    assert_eq!(
        root.at(&["map", "k"]).map(edgegen::yaml::Node::text),
        Some("[1, 'x']")
    );
    let empty = root.get("empty").expect("a key").span();
    assert_eq!((sources.line_col(empty), empty.start), ((5, 7), empty.end));
    assert_eq!(
        sources.slice(docs[0].span),
        &text[3..text.find("---").expect("a marker")]
    );
    assert_eq!(sources.slice(docs[1].span), "second: {a: b}\n");
    let (key, value) = docs[1]
        .root()
        .get("second")
        .and_then(|n| n.entry("a"))
        .expect("an entry");
    assert_eq!(
        (key.text(), value.text(), sources.line_col(value.span())),
        ("a", "b", (8, 13))
    );
}

#[test]
fn threads_change_nothing() {
    let mut text = String::new();
    for i in 0..12_000 {
        let _ = writeln!(
            text,
            "kind: Service\nmetadata: {{name: s{i}}}\nspec:\n  x: \"é\\t\""
        );
        if i % 1000 == 7 {
            text.push_str("kind: again\n");
        }
        if i % 1000 == 9 {
            text.push_str("  bad: [\n");
        }
        text.push_str("---\n");
    }
    let (docs, found) = load(&text);
    let mut alone = (Vec::new(), Vec::new());
    for part in text.split_inclusive("---\n") {
        let (d, f) = load(part);
        alone.0.extend(d);
        alone.1.extend(f);
    }
    assert_eq!(docs, alone.0);
    let codes = |list: &[String]| {
        list.iter()
            .map(|f| f.split_once(' ').map(|(_, c)| c.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!((found.len(), codes(&found)), (24, codes(&alone.1)));
}

#[test]
fn bytes_that_are_no_text_are_named() {
    assert_eq!(
        decode_text("a.yaml", b"a: 1".to_vec()).as_deref(),
        Ok("a: 1")
    );
    let error = decode_text("a.yaml", b"a: 1\nb: \xff\n".to_vec()).expect_err("not UTF-8");
    assert_eq!(
        error.headline,
        "`a.yaml` is not UTF-8: byte 0xFF at offset 8"
    );
    let error = decode_text("a.yaml", b"\xff\xfea\0".to_vec()).expect_err("UTF-16");
    assert_eq!(
        (&*error.code.0, &*error.headline),
        ("EG1020", "`a.yaml` is UTF-16, not UTF-8")
    );
}

/// Everything that the quick reader takes, and some of what it leaves to the parser.
const USUAL: &str = "\
# head
apiVersion: apps/v1   # why
kind: \"Deployment\"
'quoted key': 'it' # c
metadata:
  name: a-b.c
  empty:
  annotations: { a/b: \"x: y\", c: [1, two, -3.5], \"d\": {}, e: [ ] }

spec:
- one
- k: v
  l: |
    text # no comment
    more:

  m: |-
    cut
- - 1
  - {a: {b: c}}
-   far: true
    off: ~
  list:
  - a: b
    c:
      d: http://x:80/y?z=#w
    e: |+
      kept

last: null
";

proptest! {
    // Debug builds compare the two readers at every text that the quick one takes.
    #[test]
    fn a_text_that_is_nearly_usual_is_read_as_the_parser_reads_it(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_usize, prop::sample::select(vec![
            " ", "  ", "\n", ":", ": ", "- ", "#", " #", "'", "\"", "{", "}", "[", "]", ",", "|", "|+", "|-", "a", "-", "?", "0", "\n\n", "\n  ", "~", "<<",
        ])), 1..4),
        from in any::<prop::sample::Index>(), lines in 1..12_usize,
    ) {
        let all: Vec<&str> = USUAL.split_inclusive('\n').collect();
        let from = from.index(all.len());
        let mut text: String = all[from..(from + lines).min(all.len())].concat();
        for (at, cut, put) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + cut).min(text.len());
            text.replace_range(at..end, put);
        }
        let _ = load(&text);
    }
}
