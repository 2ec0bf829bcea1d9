//! Where profiles come from: the embedded folder, and folders given on the command line that replace or add to it.
//!
//! Heads are read for every run, rules when a target is asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::cut::{Parts, cut};
use super::dialect::Keys;
use super::expr::Expr;
use super::head::{Head, Unsupported};
use super::keys::KeyInfo;
use super::read::{Compile, Pass};
use super::rule::{Body, Rule, mentions};
use super::{Profile, read};
use crate::diag::Diagnostics;
use crate::lower::account::covers;
use crate::model::name::Name;
use crate::parallel;
use crate::source::{SourceId, Sources};
use crate::vocab::{Bindings, Vocabulary};
use crate::world::World;
use crate::yaml::read::{Limits, read as parse};

/// A profile's id, and its files: path, text and parts.
type Embedded = (
    &'static str,
    &'static [(&'static str, &'static str, Parts<&'static str>)],
);

static EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

type Text = Cow<'static, str>;

/// The table of a target's checks.
const CHECKS: &str = "checks.md";

/// One file of a profile.
#[derive(Debug)]
struct File {
    text: Text,
    parts: Parts<Text>,
}

impl File {
    fn new(path: &str, text: String) -> Self {
        let parts = cut(path, &text);
        Self {
            text: text.into(),
            parts: Parts {
                head: parts.head.into(),
                keys: parts.keys.into(),
                refusals: parts.refusals.into(),
                lets: parts.lets.into(),
            },
        }
    }
}

/// Files by profile id, then by path within the profile's folder.
type Files = BTreeMap<Text, BTreeMap<Text, File>>;

/// All known profiles.
#[derive(Debug)]
pub struct Store {
    files: Files,
    /// Heads, sorted by id.
    pub heads: Vec<Head>,
    /// The vocabulary with the bindings of all heads.
    pub vocabulary: Vocabulary,
    /// Whether it holds profiles that are not embedded.
    foreign: bool,
}

/// What one file of a profile says.
#[derive(Default)]
struct Part {
    rules: Vec<Arc<Body>>,
    keys: Vec<Arc<KeyInfo>>,
}

impl Store {
    /// Reads the heads of the embedded profiles.
    pub fn embedded(sources: &mut Sources, diags: &mut Diagnostics) -> Self {
        let mut files = Files::new();
        for (id, of) in EMBEDDED {
            let file = |(path, text, parts): &(&'static str, &'static str, Parts<&'static str>)| {
                let file = File {
                    text: (*text).into(),
                    parts: Parts {
                        head: parts.head.into(),
                        keys: parts.keys.into(),
                        refusals: parts.refusals.into(),
                        lets: parts.lets.into(),
                    },
                };
                (Text::from(*path), file)
            };
            files.insert((*id).into(), of.iter().map(file).collect());
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
                    let yaml = Path::new(&name).extension().is_some_and(|e| e == "yaml");
                    if yaml || (prefix.is_empty() && name == CHECKS) {
                        let bytes = world.read(&dir.join(&name), 4 << 20)?;
                        let path = format!("{prefix}{name}");
                        let text = String::from_utf8_lossy(&bytes).into_owned();
                        let file = File::new(&path, text);
                        of.insert(Text::from(path), file);
                    }
                }
            }
            if of.contains_key("profile.yaml") {
                files.insert(id.into(), of);
            }
        }
        Ok(Self {
            foreign: true,
            ..Self::from_files(files, sources, diags)
        })
    }

    fn from_files(files: Files, sources: &mut Sources, diags: &mut Diagnostics) -> Self {
        let mut heads = Vec::new();
        for (id, of) in &files {
            let Some(Parts { head, keys, .. }) = of.get("profile.yaml").map(|f| &f.parts) else {
                continue;
            };
            let source = sources.add(format!("profiles/{id}/profile.yaml"), &**head);
            for doc in parse(sources, source, &Limits::default(), diags) {
                let mut head = read::head(doc.root(), diags);
                if let Some(d) = &mut head.dialect {
                    d.keys = Keys::unread(keys);
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
            foreign: false,
        }
    }

    fn file(&self, id: &str, path: &str) -> Option<&File> {
        self.files.get(id)?.get(path)
    }

    /// What the controller checks late or never, and where a profile checks it, in Markdown.
    pub fn checks(&self, id: &str) -> Option<&str> {
        self.file(id, CHECKS).map(|f| &*f.text)
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
        let files = self.parts(&[id], Examples::Kept, sources, diags);
        self.assembled(id, &files, Examples::Kept, sources, diags)
    }

    /// The same without the examples of rules: what compiling needs, and less than half of the text.
    pub fn compiled(
        &self,
        id: &str,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Option<Profile> {
        self.all_compiled(&[id], sources, diags).pop()
    }

    /// The same for several targets; what they share is read once.
    pub fn all_compiled(
        &self,
        ids: &[&str],
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Vec<Profile> {
        let files = self.parts(ids, Examples::Skipped, sources, diags);
        ids.iter()
            .filter_map(|id| self.assembled(id, &files, Examples::Skipped, sources, diags))
            .collect()
    }

    /// The files of all profiles that some targets are made of.
    fn parts(
        &self,
        ids: &[&str],
        examples: Examples,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> BTreeMap<String, Vec<Part>> {
        let mut all: Vec<String> = Vec::new();
        for part in ids.iter().flat_map(|id| self.lineage(id)) {
            if !all.contains(&part) {
                all.push(part);
            }
        }
        let mut texts = Vec::new();
        for part in &all {
            for (path, file) in self.files.get(part.as_str()).into_iter().flatten() {
                let ruled = path.starts_with("rules/");
                if !ruled && path != "keys.yaml" {
                    continue;
                }
                let name = format!("profiles/{part}/{path}");
                let text = match examples {
                    Examples::Skipped => &file.parts.head,
                    Examples::Kept => &file.text,
                };
                let source = sources.add(name, &**text);
                texts.push((part, source, ruled));
            }
        }
        let compile = self.compile(examples);
        let read_file = |(_, source, ruled): &(&String, SourceId, bool)| {
            let mut diags = Diagnostics::default();
            let mut part = Part::default();
            for doc in parse(sources, *source, &Limits::default(), &mut diags) {
                let diags = &mut diags;
                if *ruled {
                    let mut pass = Pass { diags, compile };
                    part.rules.extend(read::rules(doc.root(), &mut pass));
                } else {
                    part.keys
                        .extend(read::keys(doc.root(), diags).into_iter().map(Arc::new));
                }
            }
            (part, diags)
        };
        let mut out: BTreeMap<String, Vec<Part>> = BTreeMap::new();
        for ((name, ..), (part, faults)) in texts.iter().zip(parallel::map(&texts, read_file)) {
            out.entry((*name).clone()).or_default().push(part);
            diags.extend(faults);
        }
        out
    }

    /// When expressions are compiled. Those of embedded profiles were when edgegen was tested.
    fn compile(&self, examples: Examples) -> Compile {
        match examples {
            Examples::Skipped if !self.foreign => Compile::WhenUsed,
            _ => Compile::Now,
        }
    }

    fn assembled(
        &self,
        id: &str,
        files: &BTreeMap<String, Vec<Part>>,
        examples: Examples,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Option<Profile> {
        let whole = self.file(id, "profile.yaml")?;
        let name = format!("profiles/{id}/profile.yaml");
        let mut head = match examples {
            Examples::Kept => {
                let source = sources.add(name, &*whole.text);
                let docs = parse(sources, source, &Limits::default(), diags);
                read::head(docs.first()?.root(), diags)
            }
            // The rest of the head is known already.
            Examples::Skipped => {
                let mut head = self.head(id)?.clone();
                let source = sources.add(name, &*whole.parts.refusals);
                for doc in parse(sources, source, &Limits::default(), diags) {
                    if let Some(n) = doc.root().get("unsupported") {
                        head.unsupported.extend(read::refusals(n, diags));
                    }
                }
                head
            }
        };
        head.facts = self.facts(id);
        let mut rules: Vec<&Arc<Body>> = Vec::new();
        let mut keys: Vec<Arc<KeyInfo>> = Vec::new();
        for part in self.lineage(id) {
            let own = part == id;
            for file in files.get(&part).into_iter().flatten() {
                for rule in &file.rules {
                    if !own && head.without.contains(&rule.id) {
                        continue;
                    }
                    match rules.iter_mut().find(|r| r.id == rule.id) {
                        Some(old) => *old = rule,
                        None => rules.push(rule),
                    }
                }
                // A key of the target stands in the place of one that it inherits, as a rule does.
                keys.retain(|k| !file.keys.iter().any(|m| m.key == k.key));
                keys.extend(file.keys.iter().cloned());
            }
        }
        let names = self.names(id, self.compile(examples), sources, diags);
        let rules: Vec<Rule> = rules
            .into_iter()
            .map(|body| Rule::of(id, Arc::clone(body), &names))
            .collect();
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
            let file = self.file(&part, "profile.yaml");
            let Some(refusals) = file.map(|f| &f.parts.refusals).filter(|t| !t.is_empty()) else {
                continue;
            };
            let source = sources.add(format!("profiles/{part}/profile.yaml"), &**refusals);
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
        compile: Compile,
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Vec<(Name, Arc<Expr>)> {
        let mut out: Vec<(Name, Arc<Expr>)> = Vec::new();
        for part in self.lineage(id) {
            let file = self.file(&part, "profile.yaml");
            let Some(lets) = file.map(|f| &f.parts.lets).filter(|t| !t.is_empty()) else {
                continue;
            };
            let source = sources.add(format!("profiles/{part}/profile.yaml"), &**lets);
            for doc in parse(sources, source, &Limits::default(), diags) {
                let mut pass = Pass {
                    diags: &mut *diags,
                    compile,
                };
                for (name, expr) in read::names(doc.root(), &mut pass) {
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
            let Some(file) = self.file(&part, "replaces.yaml") else {
                continue;
            };
            let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
            let source = sources.add(format!("profiles/{part}/replaces.yaml"), &*file.text);
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

/// Whether the examples of rules are read.
#[derive(Clone, Copy)]
enum Examples {
    Kept,
    Skipped,
}
