//! Every profile against the checks and examples that `edgegen profiles check` runs.
//!
//! A rule's example is its test; this file only loops.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test chooses its cases and says how many ran"
)]

use std::path::Path;

use edgegen::diag::{Diagnostics, render};
use edgegen::profile::{check, store::Store};
use edgegen::source::Sources;
use edgegen::world::Memory;

fn store() -> (Store, Sources) {
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let store = Store::embedded(&mut sources, &mut diags);
    let text = render::render(
        &diags.clone().into_sorted(),
        &sources,
        render::Format::Full,
        false,
    );
    assert!(diags.is_empty(), "{text}");
    (store, sources)
}

/// One target can be chosen with `EDGEGEN_TARGET=id cargo test --test rules`.
fn chosen(store: &Store) -> Vec<String> {
    let only = std::env::var("EDGEGEN_TARGET").ok();
    let targets = store
        .targets()
        .into_iter()
        .filter(|t| only.as_deref().is_none_or(|o| o == *t));
    targets.map(str::to_owned).collect()
}

#[test]
fn what_a_shared_profile_refuses_holds_where_the_target_is_silent() {
    let refusal = |id: &str, field: &str| {
        format!(
            "  - {{ id: {id}, field: {field}, reason: r, instead: i, see: https://example.com }}\n"
        )
    };
    let shared = format!(
        "id: _shared\ntitle: Shared\ncarrier: Ingress\nunsupported:\n{}{}{}",
        refusal("one", "cdn"),
        refusal("two", "backends.affinity"),
        refusal("three", "tags")
    );
    let own = format!(
        "id: own\ntitle: Own\ncarrier: Ingress\nextends: [_shared]\nunsupported:\n{}",
        refusal("mine", "tags")
    );
    let rule = "- { id: cookie, doc: Says it., see: https://example.com, fields: [backends.affinity.type] }\n";
    let world = Memory::new([
        ("/profiles/_shared/profile.yaml", shared.as_str()),
        ("/profiles/own/profile.yaml", own.as_str()),
        ("/profiles/own/rules/cookie.yaml", rule),
    ]);
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let store =
        Store::with_folder(&world, Path::new("/profiles"), &mut sources, &mut diags).unwrap();
    let whole = store.profile("own", &mut sources, &mut diags).unwrap();
    let lean = store.compiled("own", &mut sources, &mut diags).unwrap();
    for profile in [whole, lean] {
        let ids: Vec<&str> = profile
            .head
            .unsupported
            .iter()
            .map(|u| u.id.as_str())
            .collect();
        assert_eq!(ids, ["mine", "one"]);
    }
}

#[test]
fn profiles_are_sound() {
    let (store, sources) = store();
    let mut faults = String::new();
    for target in chosen(&store) {
        let (mut sources, mut diags) = (sources.clone(), Diagnostics::default());
        check::target(&store, &target, &mut sources, &mut diags);
        faults.push_str(&render::render(
            &diags.into_sorted(),
            &sources,
            render::Format::Short,
            false,
        ));
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn examples_give_what_they_say() {
    let (store, sources) = store();
    let mut faults = String::new();
    let mut count = 0;
    for target in chosen(&store) {
        let profile = store
            .profile(&target, &mut sources.clone(), &mut Diagnostics::default())
            .unwrap();
        count += profile
            .rules
            .iter()
            .map(|r| r.examples.len())
            .sum::<usize>()
            + profile.head.unsupported.len();
        for (name, of) in check::examples(&store, &profile) {
            faults.push_str(&format!("{name}\n    {}\n", of.join("\n    ")));
        }
    }
    println!("{count} examples");
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn a_target_leaves_inherited_rules_out_and_gives_keys_another_meaning() {
    let rule = |id: &str| {
        format!("- {{ id: {id}, doc: Says it., see: https://example.com, fields: [scope] }}\n")
    };
    let (first, second, third) = (rule("first"), rule("second"), rule("third"));
    let both = format!("{first}{second}");
    let world = Memory::new([
        (
            "/profiles/old/profile.yaml",
            "id: old\ntitle: Old\ncarrier: Ingress\n",
        ),
        ("/profiles/old/rules/both.yaml", both.as_str()),
        (
            "/profiles/old/keys.yaml",
            "- { key: example.com/group, kinds: [Ingress], form: text }\n",
        ),
        (
            "/profiles/new/profile.yaml",
            "id: new\ntitle: New\ncarrier: Ingress\nextends: [old]\nwithout: [first]\n",
        ),
        ("/profiles/new/rules/third.yaml", third.as_str()),
        (
            "/profiles/new/keys.yaml",
            "- { key: example.com/group, kinds: [Ingress], form: text, never: it is not read }\n",
        ),
    ]);
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let store =
        Store::with_folder(&world, Path::new("/profiles"), &mut sources, &mut diags).unwrap();
    for profile in [
        store.profile("new", &mut sources, &mut diags).unwrap(),
        store.compiled("new", &mut sources, &mut diags).unwrap(),
    ] {
        let ids: Vec<&str> = profile.rules.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["second", "third"]);
        let key = profile.key("example.com/group").unwrap();
        assert_eq!(key.never.as_deref(), Some("it is not read"));
    }
}

/// The table that `edgegen explain TARGET/checks` shows names nothing that is gone.
#[test]
fn tables_of_checks_name_what_there_is() {
    let (store, mut sources) = store();
    let mut diags = Diagnostics::default();
    let targets = store.targets();
    let profiles: Vec<_> = targets
        .iter()
        .filter_map(|id| store.profile(id, &mut sources, &mut diags))
        .collect();
    let known = |name: &str| {
        targets.contains(&name)
            || profiles.iter().any(|p| {
                p.rules.iter().any(|r| r.id == name)
                    || p.head.unsupported.iter().any(|u| u.id == name)
                    || p.keys.iter().any(|k| k.key.ends_with(name))
            })
    };
    let codes = edgegen::diag::catalog::all();
    let (mut faults, mut named) = (Vec::new(), 0);
    for target in &targets {
        let table = store.checks(target).unwrap_or_default();
        let rows = table.lines().filter(|l| l.starts_with("| "));
        let cells: Vec<&str> = rows
            .filter_map(|l| l.trim_matches([' ', '|']).rsplit('|').next())
            .collect();
        if cells.len() < 5 {
            faults.push(format!("{target} has no table of checks"));
        }
        for cell in cells
            .iter()
            .map(|c| c.trim())
            .filter(|c| !c.starts_with("left"))
        {
            for word in cell.split('`').skip(1).step_by(2) {
                let rule = word.rsplit('/').next().unwrap_or(word);
                let kebab = !rule.ends_with('-')
                    && rule.contains('-')
                    && rule
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
                named += usize::from(kebab);
                if kebab && !known(rule) {
                    faults.push(format!("{target}: nothing is called `{word}`"));
                }
            }
            for word in cell.split(|c: char| !c.is_ascii_alphanumeric()) {
                if word.len() == 6 && word.starts_with("EG") && !codes.iter().any(|c| c.id == word)
                {
                    faults.push(format!("{target}: there is no code {word}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(named > 300, "{named} names in all tables");
}
