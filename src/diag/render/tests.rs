//! Renderings of small findings, as text.
//!
//! The layout is part of the product: goldens and documentation hold it.

use super::{Format, render};
use crate::diag::{Code, Diagnostic};
use crate::source::{SourceId, Sources, Span};

const EXPOSURE: &str = "spec:\n  backends:\n    - service: shop-api\n      port: htpp\n";
const SERVICE: &str = "kind: Service\nspec:\n  ports:\n    - name: http\n";

fn find(sources: &Sources, source: SourceId, needle: &str) -> Span {
    let at = sources
        .get(source)
        .text
        .find(needle)
        .expect("the text holds it");
    Span::new(source, at, at + needle.len())
}

fn two_files() -> (Sources, Diagnostic) {
    let mut sources = Sources::default();
    let exposure = sources.add("exposure.yaml", EXPOSURE);
    let service = sources.add("base/service.yaml", SERVICE);
    let port = find(&sources, exposure, "htpp");
    let diagnostic = Diagnostic::error(
        Code::builtin("EG2003"),
        "service `shop-api` has no port named `htpp`",
    )
    .at(port, "not a port of `shop-api`")
    .because(
        find(&sources, service, "name: http"),
        "the ports of `shop-api` are declared here",
    )
    .note("ports are matched by name")
    .help("name the ports")
    .fix("a port with a similar name exists: `http`", port, "http");
    (sources, diagnostic)
}

fn shown(diagnostics: &[Diagnostic], sources: &Sources, format: Format) -> String {
    render(diagnostics, sources, format, false)
}

#[test]
fn full_shows_two_files_and_a_change() {
    let (sources, d) = two_files();
    assert_eq!(
        shown(&[d], &sources, Format::Full),
        "\
error[EG2003]: service `shop-api` has no port named `htpp`
 --> exposure.yaml:4:13
  |
4 |       port: htpp
  |             ^^^^ not a port of `shop-api`
  |
 ::: base/service.yaml:4:7
  |
4 |     - name: http
  |       ---------- the ports of `shop-api` are declared here
  |
  = note: ports are matched by name
  = help: name the ports
help: a port with a similar name exists: `http`
  |
4 -       port: htpp
4 +       port: http
  |
"
    );
}

#[test]
fn full_counts_columns_of_wide_text_and_skips_a_byte_order_mark() {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", "\u{feff}имя: \"日本\" # x\n");
    let d = Diagnostic::warning(Code::builtin("EG9999"), "odd name")
        .at(find(&sources, id, "\"日本\""), "here");
    assert_eq!(
        shown(&[d], &sources, Format::Full),
        "\
warning[EG9999]: odd name
 --> a.yaml:1:6
  |
1 | имя: \"日本\" # x
  |      ^^^^^^ here
"
    );
}

#[test]
fn texts_and_names_give_a_terminal_no_order() {
    let mut sources = Sources::default();
    let id = sources.add("a\u{1b}\n.yaml", "name: \u{9b}1m \u{85}x\u{7}\n");
    let d = Diagnostic::error(Code::rule("p", "a\u{7}"), "odd\u{7}\tname")
        .at(find(&sources, id, "x"), "here");
    assert_eq!(
        shown(std::slice::from_ref(&d), &sources, Format::Full),
        "\
error[p/a\u{fffd}]: odd\u{fffd}\u{fffd}name
 --> a\u{fffd} .yaml:1:12
  |
1 | name: \u{bf}1m \u{bf}x\u{2407}
  |            ^ here
"
    );
    for (_, format) in Format::ALL {
        let text = shown(std::slice::from_ref(&d), &sources, format);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\t']), "{text:?}");
    }
}

#[test]
fn full_counts_what_it_does_not_show() {
    let d = Diagnostic::error(Code::builtin("EG9999"), "no place");
    let text = shown(&vec![d; 53], &Sources::default(), Format::Full);
    assert!(
        text.starts_with("error[EG9999]: no place\n\nerror"),
        "{text}"
    );
    assert!(
        text.ends_with("no place\n\n3 more findings; the short format lists all of them\n"),
        "{text}"
    );
}

#[test]
fn targets_are_named_unless_the_code_does() {
    let mut d = Diagnostic::error(Code::rule("east", "idle"), "too long");
    d.targets = vec!["east".to_owned()];
    assert_eq!(
        shown(&[d.clone()], &Sources::default(), Format::Full),
        "error[east/idle]: too long\n"
    );
    d.targets.push("west".to_owned());
    assert!(
        shown(&[d], &Sources::default(), Format::Full).contains("note: for targets: east, west")
    );
}

#[test]
fn short_is_one_line() {
    let (sources, d) = two_files();
    let plain = Diagnostic::note_only(Code::builtin("EG9999"), "no place\u{1b}[1m");
    assert_eq!(
        shown(&[d, plain], &sources, Format::Short),
        "exposure.yaml:4:13: error[EG2003]: service `shop-api` has no port named `htpp`\nnote[EG9999]: no place\u{fffd}[1m\n"
    );
}

#[test]
fn json_carries_places_and_patches() {
    let (sources, d) = two_files();
    let text = shown(&[d], &sources, Format::Json);
    let value: serde_json::Value = serde_json::from_str(&text).expect("one object");
    assert_eq!(value["labels"][0]["start"], 54);
    assert_eq!(value["labels"][1]["file"], "base/service.yaml");
    assert_eq!(value["helps"][1]["patch"]["replacement"], "http");
    assert_eq!(value["helps"][0]["patch"], serde_json::Value::Null);
}

#[test]
fn github_escapes_its_separators() {
    let mut sources = Sources::default();
    let id = sources.add("a,b.yaml", "x: 100%\n");
    let d = Diagnostic::error(Code::rule("east", "idle"), "too long: 100%")
        .at(find(&sources, id, "100%"), "")
        .help("less");
    assert_eq!(
        shown(&[d], &sources, Format::Github),
        "::error file=a%2Cb.yaml,line=1,endLine=1,col=4,endColumn=8,title=east/idle::too long: 100%25%0Ahelp: less\n"
    );
}

#[test]
fn sarif_lists_rules_and_related_places() {
    let (sources, d) = two_files();
    let value: serde_json::Value =
        serde_json::from_str(&shown(&[d], &sources, Format::Sarif)).expect("JSON");
    let run = &value["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "EG2003");
    assert_eq!(
        run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"],
        13
    );
    assert_eq!(
        run["results"][0]["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "base/service.yaml"
    );
    assert_eq!(
        run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
        "http"
    );
}

#[test]
fn junit_escapes_and_passes_when_clean() {
    let d = Diagnostic::error(Code::builtin("EG9999"), "a < \"b\"");
    let text = shown(&[d], &Sources::default(), Format::Junit);
    assert!(text.contains("message=\"a &lt; &quot;b&quot;\""), "{text}");
    assert!(shown(&[], &Sources::default(), Format::Junit).contains("failures=\"0\""));
}
