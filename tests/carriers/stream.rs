//! What the plan does not touch goes through byte for byte.
//!
//! In memory: the texts are small and say what matters.

use std::collections::BTreeMap;
use std::process::Command;

use clap::Parser;
use edgegen::cli::{Cli, run};
use edgegen::world::{Disk, Memory, Piped as Given};

use crate::examples::examples;
use crate::kit::{arguments, each, objects, ran, root, same, tools};

const EXPOSURE: &str = "apiVersion: edgegen.io/v1alpha1
kind: Exposure
metadata: { name: web }
spec: { base: base, scope: Public }
";

const ENVIRONMENT: &str = "apiVersion: edgegen.io/v1alpha1
kind: Environment
metadata: { name: any }
spec:
  target: gateway
  class: any
";

/// Text around an object that every plan changes: comments, empty documents, forms that no writer would choose.
const BEFORE: &str = "\u{feff}# A license.
---
# Source: a chart
apiVersion: v1
kind:   Service   # three blanks
metadata: {name: web, annotations: {}}
spec:
  ports: [ {name: http, port: 80} ]


--- # said on the marker's line
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {on: 'yes', n: \"0x10\"}}
---
--- {apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: twice
  annotations:
    helm.sh/hook: pre-install
---
apiVersion: batch/v1
kind: Job
metadata:
  name: twice
  annotations:
    helm.sh/hook: post-install
";
const INGRESS: &str = "---
# Leads to web.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: web.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
";
const AFTER: &str = "---
apiVersion: v1
kind: ConfigMap
metadata: {name: last}
data:
  text: |+
    one

# the end
";

fn piped(stdin: &str, command: &str, exposure: &str) -> (u8, String, String) {
    let mut world = Memory::new([("exposure.yaml", exposure), ("env.yaml", ENVIRONMENT)]);
    world.stdin = stdin.as_bytes().to_vec();
    let line = ["edgegen"].into_iter().chain(command.split_whitespace());
    let done = run(Cli::try_parse_from(line).unwrap(), &world, false);
    (done.code, done.stdout, done.stderr)
}

const POST: &str = "post-render -f exposure.yaml -e env.yaml";

#[test]
fn documents_without_a_change_keep_every_byte() {
    let text = format!("{BEFORE}{INGRESS}{AFTER}");
    let (code, out, said) = piped(&text, POST, EXPOSURE);
    assert_eq!(code, 0, "{said}");
    let before = BEFORE.trim_start_matches('\u{feff}');
    let rest = out.strip_prefix(before).unwrap_or_else(|| panic!("{out}"));
    // The target takes a Gateway: the Ingress is gone with its marker, and new objects come last.
    let made = rest.strip_prefix(AFTER).unwrap_or_else(|| panic!("{rest}"));
    assert!(made.starts_with("---\napiVersion: gateway"), "{made}");
    assert!(!out.contains("Ingress"), "{out}");
}

#[test]
fn a_changed_document_keeps_the_comments_that_open_it() {
    let text = format!("{BEFORE}{INGRESS}{AFTER}").replace('\n', "\r\n");
    let (code, out, said) = piped(&text, "post-render -f exposure.yaml -t nginx", EXPOSURE);
    assert_eq!(code, 0, "{said}");
    let before = BEFORE.trim_start_matches('\u{feff}').replace('\n', "\r\n");
    let rest = out.strip_prefix(&before).unwrap_or_else(|| panic!("{out}"));
    let opening = "---\r\n# Leads to web.\r\napiVersion: networking.k8s.io/v1\nkind: Ingress\n";
    assert!(rest.starts_with(opening), "{rest}");
    assert!(rest.ends_with(&AFTER.replace('\n', "\r\n")), "{rest}");
}

#[test]
fn the_stream_of_a_file_has_a_head_and_then_the_bytes_of_the_file() {
    let text = format!("{BEFORE}{INGRESS}{AFTER}");
    let apart = text.replace(
        "name: twice\n  annotations:\n    helm.sh/hook: post",
        "name: two\n  annotations:\n    helm.sh/hook: post",
    );
    let exposure = EXPOSURE.replace("base: base", "base: '-'");
    let command = "render -f exposure.yaml -e env.yaml --format stream --stdout";
    let (code, out, said) = piped(&apart, command, &exposure);
    assert_eq!(code, 0, "{said}");
    let mut lines = out.lines();
    assert!(
        lines.next().unwrap().starts_with("# Written by edgegen"),
        "{out}"
    );
    assert_eq!(lines.next(), Some("# edgegen:owns manifests.yaml"));
    assert!(
        out.contains(
            apart
                .split(INGRESS)
                .next()
                .unwrap()
                .trim_start_matches('\u{feff}')
        )
    );
}

#[test]
fn a_stream_of_hooks_alone_goes_on_as_it_is() {
    let (_, hooks) = BEFORE.split_once("name: d}}\n").unwrap();
    let (code, out, said) = piped(hooks, POST, EXPOSURE);
    assert_eq!((code, out.as_str()), (0, hooks), "{said}");
    let (code, out, _) = piped("", POST, EXPOSURE);
    assert_eq!((code, out.as_str()), (1, ""));
}

#[test]
fn exposures_of_one_chart_share_a_stream() {
    let other = |text: &str| text.replace("web", "api").replace("Public", "Internal");
    let service =
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n";
    let web = format!("{service}{INGRESS}");
    let text = format!("{web}{}", other(&web));
    let exposure = EXPOSURE.replace("base: base,", "carriers: [ { kind: Ingress, name: web } ],");
    let both = format!("{exposure}---\n{}", other(&exposure));
    let command = "post-render -f exposure.yaml -t aws-alb";
    let (code, together, said) = piped(&text, command, &both);
    assert_eq!(code, 0, "{said}");
    // One after the other gives the same.
    let first = piped(&text, command, &exposure).1;
    let second = piped(&first, command, &other(&exposure)).1;
    assert_eq!(objects(&together), objects(&second));
    assert_ne!(objects(&together), objects(&first));
}

#[test]
fn a_pipe_gives_the_objects_of_the_overlay_for_every_example() {
    let Some(tool) = tools("kustomize", "v5").pop() else {
        return;
    };
    let build = |example: &str| {
        let base = root().join("examples").join(example).join("base");
        ran(Command::new(&tool.program).arg("build").arg(base), "").unwrap()
    };
    let bases: BTreeMap<String, String> = examples()
        .into_iter()
        .map(|e| (e.clone(), build(&e)))
        .collect();
    each(
        |_| true,
        |case, wanted| {
            let world = Given {
                stdin: bases[&case.example].as_bytes(),
                world: &Disk,
            };
            let own = arguments(case);
            let line = ["edgegen", "post-render"]
                .map(str::to_owned)
                .into_iter()
                .chain(own);
            let done = run(Cli::try_parse_from(line).unwrap(), &world, false);
            assert_eq!(done.code, 0, "{}: {}", case.name, done.stderr);
            same(&case.name, &objects(&done.stdout), wanted);
        },
    );
}

#[test]
fn the_base_that_an_exposure_names_is_not_read_when_one_is_given() {
    let text = format!("{BEFORE}{INGRESS}{AFTER}");
    let nowhere = EXPOSURE.replace("base: base", "base: ../not/there");
    let none = EXPOSURE.replace("base: base, ", "");
    let wanted = piped(&text, POST, EXPOSURE);
    assert_eq!(wanted.0, 0, "{}", wanted.2);
    assert_eq!(piped(&text, POST, &nowhere), wanted);
    assert_eq!(piped(&text, POST, &none), wanted);
}
