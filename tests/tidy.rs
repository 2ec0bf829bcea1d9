//! Rules of the house that no compiler and no lint knows.
//!
//! What reviewers would have to remember is said by a failing test, with the place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use edgegen::diag::Diagnostics;
use edgegen::profile::store::Store;
use edgegen::source::Sources;

/// The root of the repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Words of cloud providers and controllers that no profile's name or key begins with.
const PROVIDERS: &[&str] = &[
    "agc",
    "agic",
    "aks",
    "alb",
    "amazon",
    "appgw",
    "aws",
    "azure",
    "cilium",
    "cloudfront",
    "eks",
    "elb",
    "elbv2",
    "envoy",
    "gcp",
    "gke",
    "google",
    "istio",
    "microsoft",
    "nginx",
    "nlb",
    "traefik",
];

/// Lines that a source file may have.
const LONGEST: usize = 500;

/// Text files of the repository that git knows or would take, below `folder`.
#[allow(
    clippy::disallowed_methods,
    reason = "tests read files of the repository"
)]
fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
        ])
        .arg(folder)
        .current_dir(root())
        .output();
    let names: BTreeSet<PathBuf> = match listed {
        Ok(o) if o.status.success() => String::from_utf8_lossy(&o.stdout)
            .lines()
            .map(PathBuf::from)
            .collect(),
        _ => walk(&root().join(folder)),
    };
    names
        .into_iter()
        .filter_map(|p| Some((p.clone(), std::fs::read_to_string(root().join(&p)).ok()?)))
        .collect()
}

/// The same for sources that were unpacked without a repository: every file but those of builds.
fn walk(folder: &Path) -> BTreeSet<PathBuf> {
    let mut out = BTreeSet::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let built = path
            .file_name()
            .is_some_and(|n| n == "target" || n == ".git");
        if path.is_dir() && !built {
            out.append(&mut walk(&path));
        } else if path.is_file() {
            let below = path.strip_prefix(root()).unwrap_or(&path);
            out.insert(below.to_owned());
        }
    }
    out
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|e| e == extension)
}

fn report(what: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{what}:\n{}", faults.join("\n"));
}

/// Words that name a provider: a fixed list, and what the ids and keys of profiles are made of.
fn words() -> BTreeSet<String> {
    // Parts of ids and keys that are words of every trade.
    let plain = [
        "app",
        "auto",
        "io",
        "com",
        "gateway",
        "http",
        "https",
        "ingress",
        "kubernetes",
        "lb",
        "lattice",
        "load",
        "networking",
        "balancer",
        "controller",
        "service",
        "beta",
        "v1",
        "k8s",
        "backend",
        "config",
        "cloud",
        "container",
        "x",
        "dns",
        "external",
        "alpha",
        "cert",
        "manager",
        "routing",
        "fabric",
        "l4",
        "api",
        "class",
        "default",
        "annotations",
        "actions",
        "conditions",
        "transforms",
        "auth",
        "sigs",
        "allow",
        "apps",
        "acme",
        "region",
        "name",
        "any",
    ];
    let store = Store::embedded(&mut Sources::default(), &mut Diagnostics::default());
    let mut out: BTreeSet<String> = PROVIDERS.iter().map(|w| (*w).to_owned()).collect();
    for id in store.targets() {
        out.insert(id.to_owned());
        out.extend(id.split('-').map(str::to_owned));
    }
    for head in &store.heads {
        let prefixes = head.dialect.iter().flat_map(|d| &d.prefixes);
        for prefix in prefixes {
            out.extend(prefix.split(['.', '/', '-']).map(str::to_owned));
        }
        out.extend(head.cloud.clone());
    }
    out.retain(|w| !w.is_empty() && !plain.contains(&w.as_str()));
    out
}

/// Whether the lower-case `line` has `word` between characters that are no letters or digits.
fn has_word(line: &str, word: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    line.match_indices(word).any(|(i, _)| {
        edge(line[..i].chars().next_back()) && edge(line[i + word.len()..].chars().next())
    })
}

#[test]
fn no_source_names_a_provider() {
    let words = words();
    let mut faults = Vec::new();
    for (path, text) in files("src") {
        let mut printed = false;
        for (i, line) in text.lines().enumerate() {
            // What the program prints in a page's example names targets, because profiles have their names.
            if line.starts_with("```") {
                printed = line == "```output";
            }
            if printed {
                continue;
            }
            let lower = line.to_lowercase();
            for word in words.iter().filter(|w| has_word(&lower, w)) {
                faults.push(format!("{}:{}: `{word}`", path.display(), i + 1));
            }
        }
        let name = path.to_string_lossy().to_lowercase();
        faults.extend(
            words
                .iter()
                .filter(|w| has_word(&name, w))
                .map(|w| format!("{name}: `{w}` in its name")),
        );
    }
    report("a target is data under profiles/, src knows none", &faults);
}

#[test]
fn every_source_says_what_it_is_and_why() {
    let mut faults = Vec::new();
    for (path, text) in files(".").iter().filter(|(p, _)| is(p, "rs")) {
        let lines: Vec<&str> = text.lines().take(3).collect();
        let sentence = |line: &str| line.strip_prefix("//! ").is_some_and(|l| l.len() > 10);
        let fits = matches!(lines[..], [what, "//!", why] if sentence(what) && sentence(why));
        if !fits {
            faults.push(format!("{}", path.display()));
        }
    }
    report("a file opens with `//! what`, `//!`, `//! why`", &faults);
}

#[test]
fn sources_are_short_and_finished() {
    let mut faults = Vec::new();
    // Written apart, so that this file does not find itself.
    let unfinished = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[", "ignore"),
        concat!("allow(", "dead_code"),
        concat!("dbg", "!("),
    ];
    for (path, text) in files(".").iter().filter(|(p, _)| is(p, "rs")) {
        let lines = text.lines().count();
        if lines > LONGEST {
            faults.push(format!(
                "{}: {lines} lines; split it by noun",
                path.display()
            ));
        }
        for (i, line) in text.lines().enumerate() {
            for word in unfinished.iter().filter(|w| line.contains(*w)) {
                faults.push(format!("{}:{}: {word}", path.display(), i + 1));
            }
        }
    }
    report("too long or not finished", &faults);
}

#[test]
fn no_file_names_a_machine() {
    let parts = [
        concat!("/wo", "rk/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("/ro", "ot/"),
        concat!("C:", "\\"),
    ];
    let mut faults = Vec::new();
    for (path, text) in files(".") {
        if path.file_name().is_some_and(|n| n == "Cargo.lock") {
            continue;
        }
        for (i, line) in text.lines().enumerate() {
            // A path of a container's image that Argo CD prescribes.
            let line = line.replace(concat!("/ho", "me/argocd/"), "");
            if parts.iter().any(|p| line.contains(p)) {
                faults.push(format!("{}:{}: {line}", path.display(), i + 1));
            }
        }
    }
    report("a path of one machine", &faults);
}

#[test]
fn texts_end_with_a_line_break_and_lines_without_blanks() {
    let mut faults = Vec::new();
    for (path, text) in files(".") {
        let kind = ["rs", "yaml", "md", "toml"].iter().any(|e| is(&path, e));
        let shows_output = is(&path, "md") || path.starts_with("golden");
        if !kind || text.is_empty() {
            continue;
        }
        if !text.ends_with('\n') || text.ends_with("\n\n") {
            faults.push(format!("{}: its end", path.display()));
        }
        for (i, line) in text.lines().enumerate() {
            if line.ends_with([' ', '\t']) && !shows_output {
                faults.push(format!("{}:{}", path.display(), i + 1));
            }
        }
    }
    report("an end that no editor would leave so", &faults);
}

#[test]
fn profiles_are_in_order() {
    let mut faults = Vec::new();
    for (path, text) in files("profiles") {
        let name = path.display();
        if is(&path, "md") {
            continue;
        }
        let first = text.lines().next().unwrap_or_default();
        if !is(&path, "yaml") {
            faults.push(format!("{name}: a profile holds YAML files only"));
        } else if !["# ", "id: ", "- id: "]
            .iter()
            .any(|s| first.starts_with(s))
        {
            faults.push(format!(
                "{name}: begins with a comment or an id, not `{first}`"
            ));
        }
        if path.ends_with("profile.yaml") {
            let folder = path.parent().and_then(Path::file_name);
            let id = text.lines().find_map(|l| l.strip_prefix("id: "));
            if folder.map(|f| f.to_string_lossy().into_owned()).as_deref() != id {
                faults.push(format!("{name}: its id is not the name of its folder"));
            }
        }
        let keys: Vec<&str> = text
            .lines()
            .filter_map(|l| l.strip_prefix("- { key: ").or(l.strip_prefix("- key: ")))
            .map(|l| l.split([',', ' ']).next().unwrap_or_default())
            .collect();
        let mut seen = BTreeSet::new();
        if path.ends_with("keys.yaml") {
            for key in keys.iter().filter(|k| !seen.insert(**k)) {
                faults.push(format!("{name}: `{key}` is there twice"));
            }
        }
    }
    report("profiles/README.md says how", &faults);
}

#[test]
fn pages_of_codes_have_their_headings() {
    let mut faults = Vec::new();
    for (path, text) in files("src/diag/pages") {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let code = name.get(..6).unwrap_or_default();
        let mut inside = false;
        let mut headings = Vec::new();
        for line in text.lines() {
            inside ^= line.starts_with("```");
            if line.starts_with('#') && !inside {
                headings.push(line);
            }
        }
        let shown = text.contains("<!-- shown by tests/");
        let wanted: &[&str] = if shown {
            &["## What", "## Why", "## Fix"]
        } else {
            &["## What", "## Why", "## Example", "## Fix"]
        };
        let rest = headings.get(1..).unwrap_or_default();
        let rest: Vec<&str> = rest
            .iter()
            .copied()
            .filter(|h| !shown || *h != "## Example")
            .collect();
        let title = headings.first().copied().unwrap_or_default();
        if !title.starts_with(&format!("# {code}: ")) || title.ends_with('.') {
            faults.push(format!("{name}: `# {code}: headline` is its first line"));
        }
        if rest != wanted {
            faults.push(format!("{name}: has {rest:?}, not {wanted:?}"));
        }
    }
    report("a page says what, why, an example and the cure", &faults);
}
