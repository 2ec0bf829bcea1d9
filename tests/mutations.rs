//! Damaged documents: whatever is read, there is a finding or a result, never a panic.
//!
//! Real texts with a few bytes changed reach further than random bytes do.

#![allow(
    clippy::disallowed_methods,
    reason = "the texts that are damaged are the examples"
)]

use edgegen::compile::{Request, compile_with};
use edgegen::diag::{Diagnostics, render};
use edgegen::profile::store::Store;
use edgegen::select::Wanted;
use edgegen::source::Sources;
use edgegen::world::Memory;
use proptest::prelude::*;

const EXPOSURE: &str = include_str!("../examples/bookstore/exposure.yaml");
const ENVIRONMENT: &str = include_str!("../examples/bookstore/environment-eks.yaml");
const INGRESS: &str = include_str!("../examples/bookstore/base/20-ingress.yaml");
const ROUTE: &str = include_str!("../examples/bookstore/base/31-httproute.yaml");

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
