//! Damaged documents: whatever is read, there is a finding or a result, never a panic.
//!
//! Real texts with a few bytes changed reach further than random bytes do.

#![allow(
    clippy::disallowed_methods,
    reason = "the texts that are damaged are the examples"
)]

use clap::Parser;
use edgegen::cli::{Cli, run};
use edgegen::compile::{Request, compile_with};
use edgegen::diag::{Diagnostics, render};
use edgegen::profile::store::Store;
use edgegen::select::Wanted;
use edgegen::source::Sources;
use edgegen::world::Memory;
use proptest::prelude::*;
use serde::Deserialize as _;

const EXPOSURE: &str = include_str!("../examples/bookstore/exposure.yaml");
const ENVIRONMENT: &str = include_str!("../examples/bookstore/environment-eks.yaml");
const INGRESS: &str = include_str!("../examples/bookstore/base/20-ingress.yaml");
const ROUTE: &str = include_str!("../examples/bookstore/base/31-httproute.yaml");

const CHART: &str = include_str!("../examples/cafe/base/manifests.yaml");
const CHART_EXPOSURE: &str = include_str!("../examples/cafe/exposure.yaml");
const CHART_ENVIRONMENT: &str = include_str!("../examples/cafe/environment-kind.yaml");
const MAPPING: &str = include_str!("../examples/cafe/mapping.yaml");
const VALUES: &str = include_str!("../examples/cafe/values.yaml");
const DEFAULTS: &str = include_str!("../examples/cafe/chart/values.yaml");

/// A damage: where (in parts of a thousand), how many bytes go, and what comes.
type Damage = (usize, usize, String);

fn damage() -> impl Strategy<Value = Damage> {
    let text = prop_oneof![
        Just(String::new()),
        Just("\n".to_owned()),
        Just(": ".to_owned()),
        Just("- ".to_owned()),
        Just("{".to_owned()),
        Just("*".to_owned()),
        Just("&a ".to_owned()),
        Just("\"".to_owned()),
        Just("\t".to_owned()),
        Just("null".to_owned()),
        Just("999999999999999999999".to_owned()),
        Just("\u{feff}".to_owned()),
        "\\PC{1,4}",
    ];
    (0usize..1000, 0usize..12, text)
}

fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut out = text.to_owned();
    for (place, gone, new) in damages {
        let at = out.floor_char_boundary(out.len() * place / 1000);
        let end = out.ceil_char_boundary((at + gone).min(out.len()));
        out.replace_range(at..end, new);
    }
    out
}

/// The chart's manifests as the input of a function, with its exposure.
fn resource_list() -> String {
    let indented = |text: &str, first: &str| {
        let lines = text.lines().filter(|l| !l.starts_with('#') && *l != "---");
        let lines = lines.enumerate().map(|(i, l)| {
            let start = if i == 0 { first } else { "  " };
            format!("{start}{l}\n")
        });
        lines.collect::<String>()
    };
    let mut out = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n".to_owned();
    let items = CHART.split("---\n").filter(|t| !t.trim().is_empty());
    items.for_each(|t| out.push_str(&indented(t, "- ")));
    out + "functionConfig:\n" + &indented(CHART_EXPOSURE, "  ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_panics_in_a_pipe(which in 0usize..4, damages in prop::collection::vec(damage(), 1..4)) {
        let pick = |i: usize, text: &str| if i == which { damaged(text, &damages) } else { text.to_owned() };
        let files = [
            ("cafe/base/kustomization.yaml", "resources: [manifests.yaml]\n".to_owned()),
            ("cafe/base/manifests.yaml", CHART.to_owned()),
            ("cafe/exposure.yaml", CHART_EXPOSURE.to_owned()),
            ("cafe/mapping.yaml", pick(2, MAPPING)),
            ("cafe/values.yaml", pick(3, VALUES)),
            ("cafe/chart/values.yaml", DEFAULTS.to_owned()),
            ("kind.yaml", CHART_ENVIRONMENT.to_owned()),
        ];
        let command = ["fn", "post-render", "render", "render"];
        let mut world = Memory::new(files.iter().map(|(p, t)| (*p, t.as_str())));
        for (line, stdin) in [
            ("edgegen fn -e kind.yaml", pick(0, &resource_list())),
            ("edgegen post-render -f cafe/exposure.yaml -e kind.yaml", pick(1, CHART)),
            ("edgegen render -f cafe -e kind.yaml --format helm-values --stdout", String::new()),
        ] {
            world.stdin = stdin.clone().into_bytes();
            let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
            let done = run(cli, &world, false);
            prop_assert!(done.code != 70, "{}", done.stderr);
            let damaged = line.split(' ').nth(1) == Some(command[which]);
            prop_assert!(damaged || done.code == 0, "{}", done.stderr);
            // What passes as it came may be YAML that the other reader does not take, such as a tab behind a value.
            let made = done.stdout.split("\n---\n").filter(|d| !stdin.contains(*d));
            for document in made.flat_map(yaml_serde::Deserializer::from_str) {
                let value = serde_json::Value::deserialize(document);
                prop_assert!(value.is_ok(), "{value:?}\n{}", done.stdout);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_panics(which in 0usize..4, damages in prop::collection::vec(damage(), 1..4)) {
        let pick = |i: usize, text: &str| if i == which { damaged(text, &damages) } else { text.to_owned() };
        let (exposure, environment) = (pick(0, EXPOSURE), pick(1, ENVIRONMENT));
        let (ingress, route) = (pick(2, INGRESS), pick(3, ROUTE));
        let base = "examples/bookstore/base/";
        let mut files: Vec<(String, String)> = std::fs::read_dir(base)
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .map(|n| (format!("/in/base/{n}"), std::fs::read_to_string(format!("{base}{n}")).unwrap()))
            .collect();
        for (path, text) in &mut files {
            if path.ends_with("20-ingress.yaml") {
                text.clone_from(&ingress);
            } else if path.ends_with("31-httproute.yaml") {
                text.clone_from(&route);
            }
        }
        files.push(("/in/exposure.yaml".to_owned(), exposure));
        files.push(("/in/environment.yaml".to_owned(), environment));
        let world = Memory::new(files.iter().map(|(p, t)| (p.as_str(), t.as_str())));
        let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
        let store = Store::embedded(&mut sources, &mut diags);
        for target in ["aws-alb", "gateway"] {
            let request = Request {
                inputs: vec!["/in".into()],
                wanted: Wanted { targets: vec![target.to_owned()], ..Wanted::default() },
                out: "/out".into(),
                detail: true,
                ..Request::default()
            };
            let output = compile_with(&world, &store, &sources, &request);
            for group in &output.groups {
                let found = group.diags.clone().into_sorted();
                for (_, format) in render::Format::ALL {
                    render::render(&found, &group.sources, format, false);
                }
                prop_assert!(found.iter().all(|d| d.code.0 != "EG9901"), "{found:?}");
            }
        }
    }
}
