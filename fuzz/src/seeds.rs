//! Writes the first inputs of every target from the examples and the cases of the tests, and the dictionary.
//!
//! Made anew before each run, so that no second copy of examples, cases and vocabulary has to be kept alike.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use edgegen::diag::Diagnostics;
use edgegen::profile::store::Store;
use edgegen::source::Sources;
use edgegen_fuzz::mutate::{ODD, words};

type Files = BTreeMap<String, String>;

fn main() {
    let fuzz = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = fuzz.join("..");
    let mut seeds = Seeds {
        corpus: fuzz.join("corpus"),
        count: 0,
    };
    let profiles = folder(&root.join("profiles"), "profiles");
    seeds.examples(&root);
    for page in [
        "tests/errors",
        "tests/engine",
        "tests/resolve",
        "src/diag/pages",
    ] {
        for text in folder(&root.join(page), "").values() {
            seeds.cases(text);
        }
    }
    seeds.profiles(&profiles);
    let tests = folder(&root.join("tests/errors/profiles"), "profiles");
    seeds.put("profile", &tests);
    for (name, text) in folder(&root.join("tests/bases"), "") {
        seeds.put(
            "base",
            &Files::from([(format!("base/{name}"), text.clone())]),
        );
        seeds.text("stream", &text);
    }
    let quoted = |w: &str| {
        let bytes = w.bytes().map(|b| match b {
            b'"' | b'\\' => format!("\\{}", char::from(b)),
            b' '..=b'~' => char::from(b).to_string(),
            _ => format!("\\x{b:02X}"),
        });
        format!("\"{}\"\n", bytes.collect::<String>())
    };
    let all = words()
        .iter()
        .map(String::as_str)
        .chain(ODD.iter().copied());
    let dict: String = all.filter(|w| !w.is_empty()).map(quoted).collect();
    fs::write(fuzz.join("words.dict"), dict).expect("the dictionary is written");
    println!("{} seeds", seeds.count);
}

struct Seeds {
    corpus: PathBuf,
    count: usize,
}

impl Seeds {
    fn text(&mut self, target: &str, text: &str) {
        let dir = self.corpus.join(target);
        fs::create_dir_all(&dir).expect("a folder of the corpus");
        fs::write(dir.join(format!("seed-{:04}", self.count)), text).expect("a seed");
        self.count += 1;
    }

    fn put(&mut self, target: &str, files: &Files) {
        let text: String = files.iter().map(|(p, t)| format!("@@ {p}\n{t}")).collect();
        self.text(target, &text);
    }

    /// Each example with each environment, and its parts for the readers.
    fn examples(&mut self, root: &Path) {
        for entry in fs::read_dir(root.join("examples"))
            .expect("examples")
            .flatten()
        {
            let all = folder(&entry.path(), "");
            let base: Files = all
                .iter()
                .filter(|(p, _)| p.starts_with("base/"))
                .map(|(p, t)| (p.clone(), t.clone()))
                .collect();
            let Some(exposure) = all.get("exposure.yaml") else {
                continue;
            };
            self.put("base", &base);
            self.text("exposure", exposure);
            // Without an environment, too: what nobody binds is not there.
            let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
            for target in Store::embedded(&mut sources, &mut diags).targets() {
                let mut alone = base.clone();
                alone.insert("exposure.yaml".to_owned(), exposure.clone());
                alone.insert("targets".to_owned(), format!("{target}\n"));
                self.put("whole", &alone);
            }
            for (path, text) in base
                .iter()
                .filter(|(p, _)| !p.ends_with("kustomization.yaml"))
            {
                self.put("base", &Files::from([(path.clone(), text.clone())]));
                self.text("stream", text);
            }
            for (_, environment) in all.iter().filter(|(p, _)| p.starts_with("environment-")) {
                self.text("environment", environment);
                let mut whole = base.clone();
                whole.insert("exposure.yaml".to_owned(), exposure.clone());
                whole.insert("environment.yaml".to_owned(), environment.clone());
                self.put("whole", &whole);
                let objects = base
                    .iter()
                    .filter(|(p, _)| !p.ends_with("kustomization.yaml"));
                let objects = objects.flat_map(|(_, t)| t.split("\n---\n"));
                let config = [exposure.as_str(), environment.as_str()].map(|t| {
                    let first = t.find("apiVersion").unwrap_or(0);
                    t[first..].replacen("  base: base\n", "", 1)
                });
                self.text(
                    "list",
                    &list(objects.chain([config[1].as_str()]), &config[0]),
                );
            }
        }
    }

    /// The blocks of a page of cases, section by section.
    fn cases(&mut self, page: &str) {
        let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
        let store = Store::embedded(&mut sources, &mut diags);
        let targets = store.targets();
        for section in page.split("\n## ") {
            let mut files = Files::new();
            for fence in section.split("\n```").skip(1).step_by(2) {
                let (info, body) = fence.split_once('\n').unwrap_or((fence, ""));
                let path = match info.split_once(' ') {
                    Some(("output", _)) => continue,
                    Some((_, path)) => path.trim().to_owned(),
                    None if info == "base" => "base/base.yaml".to_owned(),
                    None if info == "rules" => "profiles/fuzzed/rules/rules.yaml".to_owned(),
                    None if info == "keys" => "profiles/fuzzed/keys.yaml".to_owned(),
                    None => continue,
                };
                files.insert(path, format!("{body}\n"));
            }
            for (path, text) in &files {
                match path.as_str() {
                    "exposure.yaml" => self.text("exposure", text),
                    "environment.yaml" => self.text("environment", text),
                    p if p.starts_with("base/") => self.text("stream", text),
                    _ => {}
                }
            }
            let of = |start: &str| -> Files {
                let some = files.iter().filter(|(p, _)| p.starts_with(start));
                some.map(|(p, t)| (p.clone(), t.clone())).collect()
            };
            let (base, mut profiles) = (of("base/"), of("profiles/"));
            if !base.is_empty() {
                self.put("base", &base);
            }
            if !profiles.is_empty() {
                let head = "id: fuzzed\ntitle: Fuzzed\ncarrier: Ingress\nextends: [_common, _ingress]\nversions: { fuzzed: \"1.2.0\" }\ncontroller: fuzzed\n";
                profiles
                    .entry("profiles/fuzzed/profile.yaml".to_owned())
                    .or_insert(head.to_owned());
                self.put("profile", &profiles);
            }
            let mut whole = of("");
            whole.retain(|p, _| !p.starts_with("profiles/"));
            if whole.contains_key("exposure.yaml") {
                let smallest = include_str!("../../profiles/smallest.yaml");
                if base.is_empty() {
                    whole.insert("base/app.yaml".to_owned(), smallest.to_owned());
                }
                if !whole.contains_key("base/kustomization.yaml") {
                    let names: Vec<&str> = whole
                        .keys()
                        .filter_map(|p| p.strip_prefix("base/"))
                        .collect();
                    let list = format!("resources: [ {} ]\n", names.join(", "));
                    whole.insert("base/kustomization.yaml".to_owned(), list);
                }
                let target = targets[self.count % targets.len()];
                whole.insert("targets".to_owned(), format!("{target}\n"));
                let objects = whole
                    .iter()
                    .filter(|(p, _)| p.starts_with("base/") && !p.ends_with("kustomization.yaml"));
                let objects = objects.flat_map(|(_, t)| t.split("\n---\n"));
                let config = &whole["exposure.yaml"];
                self.text("list", &list(objects, config));
                self.put("whole", &whole);
            }
        }
    }

    /// Each file of rules of the built-in profiles under a small head.
    fn profiles(&mut self, all: &Files) {
        for (path, text) in all {
            let Some((id, name)) = path
                .strip_prefix("profiles/")
                .and_then(|p| p.split_once('/'))
            else {
                continue;
            };
            if text.len() > 20_000 {
                continue;
            }
            if name == "profile.yaml" {
                let at = "profiles/fuzzed/profile.yaml".to_owned();
                self.put(
                    "profile",
                    &Files::from([(at, text.replace(&format!("id: {id}\n"), "id: fuzzed\n"))]),
                );
            } else if name.starts_with("rules/") {
                let head =
                    "id: fuzzed\ntitle: Fuzzed\ncarrier: Ingress\nextends: [_common, _ingress]\n"
                        .to_owned();
                let files = [
                    ("profiles/fuzzed/profile.yaml".to_owned(), head),
                    (format!("profiles/fuzzed/{name}"), text.clone()),
                ];
                self.put("profile", &Files::from(files));
            }
        }
    }
}

/// A list as kustomize sends it to a function.
fn list<'t>(objects: impl Iterator<Item = &'t str>, config: &str) -> String {
    let deeper = |text: &str, first: &str| {
        let lines = text
            .lines()
            .filter(|l| !l.starts_with('#') && !l.is_empty());
        let lines = lines.enumerate().map(|(i, l)| match i {
            0 => format!("{first}{l}\n"),
            _ => format!("  {l}\n"),
        });
        lines.collect::<String>()
    };
    let items: String = objects.map(|o| deeper(o, "- ")).collect();
    let config = deeper(config, "  ");
    format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}functionConfig:\n{config}"
    )
}

/// The texts below a folder, with `/` between names and `prefix` before them.
fn folder(dir: &Path, prefix: &str) -> Files {
    let mut out = Files::new();
    let mut entries: Vec<_> = fs::read_dir(dir).expect("a folder").flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        if entry.path().is_dir() {
            out.extend(folder(&entry.path(), &path));
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            out.insert(path, text);
        }
    }
    out
}
