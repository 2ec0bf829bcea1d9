//! Where profiles come from: the embedded folder, and folders given on the command line that replace or add to it.
//!
//! Heads are read for every run, rules when a target is asked for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::dialect::Keys;
use super::expr::Expr;
use super::head::{Head, Unsupported};
use super::keys::KeyInfo;
use super::rule::{Rule, mentions};
use super::{Profile, read};
use crate::diag::Diagnostics;
use crate::lower::account::covers;
use crate::model::name::Name;
use crate::parallel;
use crate::source::{SourceId, Sources};
use crate::vocab::{Bindings, Vocabulary};
use crate::world::World;
use crate::yaml::read::{Limits, read as parse};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/profiles");

/// All known profiles.
#[derive(Debug)]
pub struct Store {
    /// Files by profile id, then by path within the profile's folder.
    files: BTreeMap<String, BTreeMap<String, String>>,
    /// Heads, sorted by id.
    pub heads: Vec<Head>,
    /// The vocabulary with the bindings of all heads.
    pub vocabulary: Vocabulary,
}

impl Store {
    /// Reads the heads of the embedded profiles.
    pub fn embedded(sources: &mut Sources, diags: &mut Diagnostics) -> Self {
        let mut files = BTreeMap::new();
        for dir in EMBEDDED.dirs() {
            let id = dir.path().to_string_lossy().into_owned();
            let mut of = BTreeMap::new();
            collect(dir, &id, &mut of);
            files.insert(id, of);
        }
        Self::from_files(files, sources, diags)
    }

    /// The same, with the profiles of a folder (one folder each) in place of or beside the embedded ones.
    pub fn with_folder(
        world: &dyn World,
        folder: &Path,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> std::io::Result<Self> {
        let mut files = Self::embedded(&mut Sources::default(), &mut Diagnostics::default()).files;
        for id in world
            .list(folder)?
            .into_iter()
            .filter_map(|n| n.into_string().ok())
        {
            let at = folder.join(&id);
            let mut of = BTreeMap::new();
            for (prefix, dir) in [("", at.clone()), ("rules/", at.join("rules"))] {
                for name in world
                    .list(&dir)
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|n| n.into_string().ok())
                {
                    if Path::new(&name).extension().is_some_and(|e| e == "yaml") {
                        let bytes = world.read(&dir.join(&name), 4 << 20)?;
                        of.insert(
                            format!("{prefix}{name}"),
                            String::from_utf8_lossy(&bytes).into_owned(),
                        );
                    }
                }
            }
            if of.contains_key("profile.yaml") {
                files.insert(id, of);
            }
        }
        Ok(Self::from_files(files, sources, diags))
    }

    fn from_files(
        files: BTreeMap<String, BTreeMap<String, String>>,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Self {
        let mut heads = Vec::new();
        for (id, of) in &files {
            let Some(text) = of.get("profile.yaml") else {
                continue;
            };
            let Outline { head, keys, .. } = outline(text);
            let source = sources.add(format!("profiles/{id}/profile.yaml"), head);
            for doc in parse(sources, source, &Limits::default(), diags) {
                let mut head = read::head(doc.root(), diags);
                if let Some(d) = &mut head.dialect {
                    d.keys = Keys::unread(&keys);
                }
                heads.push(head);
            }
        }
        heads.sort_by(|a, b| a.id.cmp(&b.id));
        let vocabulary = Vocabulary::load(read::bindings(&heads));
        Self {
            files,
            heads,
            vocabulary,
        }
    }

    /// The head of a profile.
    pub fn head(&self, id: &str) -> Option<&Head> {
        self.heads.iter().find(|h| h.id == id)
    }

    /// Ids of all targets, sorted.
    pub fn targets(&self) -> Vec<&str> {
        self.heads
            .iter()
            .filter(|h| h.is_target())
            .map(|h| h.id.as_str())
            .collect()
    }

    /// Reads the rules and keys of a target and of the profiles that it extends, examples included.
    pub fn profile(
        &self,
        id: &str,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Option<Profile> {
        self.read(id, Examples::Kept, sources, diags)
    }

    /// The same without the examples of rules: what compiling needs, and less than half of the text.
    pub fn compiled(
        &self,
        id: &str,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Option<Profile> {
        self.read(id, Examples::Skipped, sources, diags)
    }

    fn read(
        &self,
        id: &str,
        examples: Examples,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Option<Profile> {
        let whole = self.files.get(id)?.get("profile.yaml")?;
        let name = format!("profiles/{id}/profile.yaml");
        let mut head = match examples {
            Examples::Kept => {
                let source = sources.add(name, whole.as_str());
                let docs = parse(sources, source, &Limits::default(), diags);
                read::head(docs.first()?.root(), diags)
            }
            // The rest of the head is known already.
            Examples::Skipped => {
                let mut head = self.head(id)?.clone();
                let source = sources.add(name, outline(whole).refusals);
                for doc in parse(sources, source, &Limits::default(), diags) {
                    if let Some(n) = doc.root().get("unsupported") {
                        head.unsupported.extend(read::refusals(n, diags));
                    }
                }
                head
            }
        };
        head.facts = self.facts(id);
        let mut texts = Vec::new();
        for part in self.lineage(id) {
            let own = part == id;
            for (path, text) in self.files.get(&part).into_iter().flatten() {
                let ruled = path.starts_with("rules/");
                if !ruled && path != "keys.yaml" {
                    continue;
                }
                let text = match examples {
                    Examples::Skipped if ruled => without_examples(text),
                    _ => text.clone(),
                };
                let source = sources.add(format!("profiles/{part}/{path}"), text);
                texts.push((source, ruled, own));
            }
        }
        let read_file = |(source, ruled, own): &(SourceId, bool, bool)| {
            let mut diags = Diagnostics::default();
            let (mut rules, mut keys) = (Vec::new(), Vec::new());
            for doc in parse(sources, *source, &Limits::default(), &mut diags) {
                if *ruled {
                    rules.extend(read::rules(doc.root(), &mut diags));
                } else {
                    keys.extend(read::keys(doc.root(), &mut diags));
                }
            }
            rules.retain(|r: &Rule| *own || !head.without.contains(&r.id));
            (rules, keys, diags)
        };
        let mut rules: Vec<Rule> = Vec::new();
        let mut keys: Vec<KeyInfo> = Vec::new();
        for (more_rules, more_keys, faults) in parallel::map(&texts, read_file) {
            for rule in more_rules {
                match rules.iter_mut().find(|r| r.id == rule.id) {
                    Some(old) => *old = rule,
                    None => rules.push(rule),
                }
            }
            // A key of the target stands in the place of one that it inherits, as a rule does.
            keys.retain(|k| !more_keys.iter().any(|m| m.key == k.key));
            keys.extend(more_keys);
            diags.extend(faults);
        }
        let names = self.names(id, sources, diags);
        for rule in &mut rules {
            rule.code = Name::kept(&format!("{id}/{}", rule.id));
            rule.take_names(&names);
        }
        let more = self.inherited(id, &head, &rules, sources, diags);
        head.unsupported.extend(more);
        Some(Profile::new(head, rules, keys))
    }

    /// What the profiles that a target extends refuse, for fields that the target does not answer for itself.
    fn inherited(
        &self,
        id: &str,
        head: &Head,
        rules: &[Rule],
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Vec<Unsupported> {
        let meets = |a: &str, b: &str| covers(a, b) || covers(b, a);
        let mut out = Vec::new();
        for part in self.lineage(id).into_iter().filter(|p| p != id) {
            let text = self.files.get(&part).and_then(|of| of.get("profile.yaml"));
            let refusals = outline(text.map_or("", String::as_str)).refusals;
            if refusals.trim().is_empty() {
                continue;
            }
            let source = sources.add(format!("profiles/{part}/profile.yaml"), refusals);
            for doc in parse(sources, source, &Limits::default(), diags) {
                if let Some(n) = doc.root().get("unsupported") {
                    out.extend(read::refusals(n, diags));
                }
            }
        }
        out.retain(|u: &Unsupported| {
            !head.unsupported.iter().any(|o| meets(&o.field, &u.field))
                && !rules
                    .iter()
                    .flat_map(|r| &r.fields)
                    .any(|f| meets(f, &u.field))
        });
        out
    }

    /// The names of `let` in the heads of a target and of the profiles that it extends; one that is there again stands in the place
    /// of the earlier.
    fn names(
        &self,
        id: &str,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Vec<(Name, Arc<Expr>)> {
        let mut out: Vec<(Name, Arc<Expr>)> = Vec::new();
        for part in self.lineage(id) {
            let text = self.files.get(&part).and_then(|of| of.get("profile.yaml"));
            let lets = outline(text.map_or("", String::as_str)).lets;
            if lets.trim().is_empty() {
                continue;
            }
            let source = sources.add(format!("profiles/{part}/profile.yaml"), lets);
            for doc in parse(sources, source, &Limits::default(), diags) {
                for (name, expr) in read::names(doc.root(), diags) {
                    out.retain(|(n, _)| **n != *name);
                    out.push((name, Arc::new(expr)));
                }
            }
        }
        in_order(out)
    }

    /// The entries of `replaces.yaml` of a target and of the profiles that it extends, theirs first.
    pub fn replaces(&self, id: &str) -> Vec<serde_json::Value> {
        let mut out = Vec::new();
        for part in self.lineage(id) {
            let text = self.files.get(&part).and_then(|of| of.get("replaces.yaml"));
            let Some(text) = text else { continue };
            let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
            let source = sources.add(format!("profiles/{part}/replaces.yaml"), text.as_str());
            for doc in parse(&sources, source, &Limits::default(), &mut diags) {
                out.extend(doc.root().items().map(crate::yaml::Node::to_value));
            }
        }
        out
    }

    /// What an environment of a target may bind: its own members first, then those that only other targets take, so that these can be
    /// refused with a reason.
    pub fn bindings(&self, target: &str) -> Bindings {
        let own = self.heads.iter().filter(|h| h.id == target);
        read::bindings(own.chain(self.heads.iter().filter(|h| h.id != target)))
    }

    /// Constants of a target and of the profiles that it extends, the target's own on top.
    pub fn facts(&self, id: &str) -> serde_json::Value {
        let mut facts = serde_json::Map::new();
        for part in self.lineage(id) {
            if let Some(serde_json::Value::Object(more)) = self.head(&part).map(|h| h.facts.clone())
            {
                facts.extend(more);
            }
        }
        serde_json::Value::Object(facts)
    }

    /// The profiles whose rules a target has, most general first, the target last.
    pub fn lineage(&self, id: &str) -> Vec<String> {
        let mut out = Vec::new();
        self.add_lineage(id, &mut out, 0);
        out
    }

    fn add_lineage(&self, id: &str, out: &mut Vec<String>, depth: usize) {
        // A circle of `extends` ends at the depth limit; the check of profiles names it.
        if depth > 8 || out.iter().any(|o| o == id) {
            return;
        }
        for parent in self.head(id).map(|h| h.extends.clone()).unwrap_or_default() {
            self.add_lineage(&parent, out, depth + 1);
        }
        out.push(id.to_owned());
    }
}

/// Names, each after those that it uses. In a circle the first stays first; the check of profiles finds what it lacks.
fn in_order(mut names: Vec<(Name, Arc<Expr>)>) -> Vec<(Name, Arc<Expr>)> {
    let mut out: Vec<(Name, Arc<Expr>)> = Vec::new();
    while !names.is_empty() {
        let waits = |e: &Expr| {
            names
                .iter()
                .any(|(n, other)| e.source != other.source && mentions(&e.source, n))
        };
        let at = names.iter().position(|(_, e)| !waits(e)).unwrap_or(0);
        out.push(names.remove(at));
    }
    out
}

/// The parts of `profile.yaml` that are read at different times. Each has the lines of the others emptied, so that lines keep their
/// numbers; a file in another layout than the usual is all in `head`.
#[derive(Default)]
struct Outline {
    /// Read in every run.
    head: String,
    /// What a dialect reads, when a base calls for it; without the emptied lines.
    keys: String,
    /// `unsupported`, when its target is rendered.
    refusals: String,
    /// `let`, together with the rules.
    lets: String,
}

fn outline(text: &str) -> Outline {
    let mut out = Outline::default();
    let (mut top, mut within_keys) = ("", false);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches(' ');
        let depth = line.len() - bare.len();
        if depth == 0 && bare.starts_with(|c: char| c.is_ascii_alphabetic()) {
            top = bare.split(':').next().unwrap_or_default();
        }
        if depth <= 2 && !bare.trim().is_empty() {
            within_keys = top == "reads" && line.starts_with("  keys:");
        }
        let (refusal, name) = (top == "unsupported", top == "let");
        if within_keys {
            out.keys.push_str(line);
        }
        out.refusals.push_str(if refusal { line } else { "\n" });
        out.lets.push_str(if name { line } else { "\n" });
        out.head.push_str(if refusal || name || within_keys {
            "\n"
        } else {
            line
        });
    }
    out
}

/// Whether the examples of rules are read.
#[derive(Clone, Copy)]
enum Examples {
    Kept,
    Skipped,
}

/// Parts of a rule that compiling does not need.
const UNCOMPILED: &[&str] = &["  examples:", "  reads:", "  unread:"];

/// A file of rules in its usual layout (rules at the margin, their keys two blanks in) with the lines of all examples and readings
/// emptied, so that line numbers stay. A file in another layout stays as it is.
fn without_examples(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut skipping = false;
    for line in text.split_inclusive('\n') {
        let depth = line.len() - line.trim_start_matches(' ').len();
        if skipping && depth <= 2 && !line.trim().is_empty() {
            skipping = false;
        }
        skipping = skipping || UNCOMPILED.contains(&line.trim_end());
        out.push_str(if skipping { "\n" } else { line });
    }
    out
}

fn collect(dir: &Dir<'static>, id: &str, out: &mut BTreeMap<String, String>) {
    for file in dir.files() {
        if let (Ok(path), Some(text)) = (file.path().strip_prefix(id), file.contents_utf8())
            && path.extension().is_some_and(|e| e == "yaml")
        {
            out.insert(path.to_string_lossy().into_owned(), text.to_owned());
        }
    }
    for sub in dir.dirs() {
        collect(sub, id, out);
    }
}
