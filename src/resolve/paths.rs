//! What a path of an Ingress means on its own controller, and what a rewrite makes of it.
//!
//! Controllers read one text differently; the usual idioms of regular expressions are prefixes in disguise, and only as prefixes can they move to another controller.

use crate::model::edge::{PathMatch, Rewrite};
use crate::profile::dialect::PathReading;

/// A path that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMeaning {
    /// What is matched.
    pub path: PathMatch,
    /// What the backend sees instead.
    pub rewrite: Option<Rewrite>,
    /// The controller of the base matches a little more or less than [`PathMeaning::path`]; an example of such a path.
    pub differs: Option<String>,
}

impl PathMeaning {
    fn exactly(path: PathMatch) -> Self {
        Self {
            path,
            rewrite: None,
            differs: None,
        }
    }
}

/// Reads a path by its type. `None` when the dialect does not say what `ImplementationSpecific` means, or the text does not fit its form.
pub fn plain(path: &str, path_type: &str, reading: PathReading) -> Option<PathMeaning> {
    match path_type {
        "Exact" => Some(PathMeaning::exactly(PathMatch::Exact(path.to_owned()))),
        "Prefix" => Some(PathMeaning::exactly(prefix(path))),
        _ => match reading {
            PathReading::Prefix => Some(PathMeaning::exactly(prefix(path))),
            PathReading::Unknown => None,
            PathReading::Glob => glob(path),
        },
    }
}

/// A prefix without its trailing slash.
pub fn prefix(path: &str) -> PathMatch {
    PathMatch::Prefix(trim(path))
}

fn trim(path: &str) -> String {
    let cut = path.trim_end_matches('/');
    if cut.is_empty() {
        "/".to_owned()
    } else {
        cut.to_owned()
    }
}

fn glob(path: &str) -> Option<PathMeaning> {
    let (head, star) = match path.strip_suffix('*') {
        Some(head) => (head, true),
        None => (path, false),
    };
    if head.contains(['*', '?']) {
        return None;
    }
    if head.is_empty() || (head == "/" && star) {
        return Some(PathMeaning::exactly(prefix("/")));
    }
    if !star {
        return Some(PathMeaning::exactly(PathMatch::Exact(head.to_owned())));
    }
    let differs = if head.ends_with('/') {
        trim(head)
    } else {
        format!("{head}x")
    };
    Some(PathMeaning {
        path: prefix(head),
        rewrite: None,
        differs: Some(differs),
    })
}

/// Reads a path that its controller takes for a regular expression, anchored at the start only, with the replacement of the whole path.
pub fn regex(path: &str, rewrite: Option<&str>) -> PathMeaning {
    let text = path.strip_prefix('^').unwrap_or(path);
    let Some(idiom) = Idiom::read(text) else {
        return PathMeaning {
            path: PathMatch::Regex(text.to_owned()),
            rewrite: rewrite.map(|t| {
                replacement(t, usize::MAX)
                    .map_or_else(|| Rewrite::Captures(t.to_owned()), Rewrite::ReplaceFull)
            }),
            differs: None,
        };
    };
    let Some(target) = rewrite.filter(|t| *t != path) else {
        return PathMeaning {
            path: idiom.path(),
            rewrite: None,
            differs: idiom.differs,
        };
    };
    match idiom.rewrite(target) {
        Some(new) => {
            let same = match (&idiom.path(), &new) {
                (PathMatch::Prefix(p), Rewrite::ReplacePrefix(r))
                | (PathMatch::Exact(p), Rewrite::ReplaceFull(r)) => p == r,
                _ => false,
            };
            PathMeaning {
                path: idiom.path(),
                rewrite: (!same).then_some(new),
                differs: idiom.differs,
            }
        }
        None => PathMeaning {
            path: PathMatch::Regex(text.to_owned()),
            rewrite: Some(Rewrite::Captures(target.to_owned())),
            differs: None,
        },
    }
}

/// An expression that is a literal with one of the usual endings.
struct Idiom {
    head: String,
    exact: bool,
    groups: usize,
    /// Group that holds what follows the prefix.
    rest: Option<usize>,
    /// Group that holds the slash between prefix and rest.
    separator: Option<usize>,
    /// The rest starts with the slash.
    rest_has_slash: bool,
    differs: Option<String>,
}

impl Idiom {
    fn read(text: &str) -> Option<Self> {
        let (head, wild, tail) = literal(text);
        if !head.starts_with('/') {
            return None;
        }
        let open_end = tail.strip_suffix('$').filter(|t| {
            t.ends_with(".*") || t.ends_with(".*)") || t.ends_with(")?") || t.ends_with("/?")
        });
        let closed = tail.ends_with('$');
        let tail = open_end.unwrap_or(tail);
        let slashed = head.ends_with('/') && head.len() > 1;
        let name = trim(&head);
        let beyond = |on: bool| on.then(|| format!("{name}x"));
        let mut idiom = Self {
            head: name.clone(),
            exact: false,
            groups: 0,
            rest: None,
            separator: None,
            rest_has_slash: false,
            differs: None,
        };
        let root = name == "/";
        match tail {
            "" | ".*" if slashed => idiom.differs = Some(name.clone()),
            "$" => {
                idiom.exact = true;
                idiom.head.clone_from(&head);
            }
            "/?" if closed => {
                idiom.exact = true;
                idiom.differs = Some(format!("{head}/"));
            }
            "" | ".*" | "/?" => idiom.differs = beyond(!root),
            "(/|$)(.*)" | "(/|$)(.+)?" | "(/|$)" | "(/|$).*" if !slashed && !root => {
                idiom.separator = Some(1);
                let rest = tail.ends_with("(.*)") || tail.ends_with("(.+)?");
                idiom.groups = if rest { 2 } else { 1 };
                idiom.rest = rest.then_some(2);
            }
            "(?:/|$)(.*)" | "(?:/|$).*" if !slashed && !root => {
                idiom.groups = usize::from(tail.ends_with(')'));
                idiom.rest = tail.ends_with(')').then_some(1);
            }
            "?(.*)" if root => (idiom.groups, idiom.rest) = (1, Some(1)),
            "?(.*)" if slashed => {
                (idiom.groups, idiom.rest, idiom.differs) = (1, Some(1), beyond(true));
            }
            "(.*)" if head.ends_with('/') => {
                (idiom.groups, idiom.rest) = (1, Some(1));
                idiom.differs = slashed.then(|| name.clone());
            }
            "(.*)" => {
                (
                    idiom.groups,
                    idiom.rest,
                    idiom.rest_has_slash,
                    idiom.differs,
                ) = (1, Some(1), true, beyond(true));
            }
            "(/.*)?" if !slashed && !root => {
                (idiom.groups, idiom.rest, idiom.rest_has_slash) = (1, Some(1), true);
                idiom.differs = beyond(!closed);
            }
            _ => return None,
        }
        if wild && idiom.differs.is_none() {
            idiom.differs = Some(name.replace('.', "x"));
        }
        Some(idiom)
    }

    fn path(&self) -> PathMatch {
        if self.exact {
            PathMatch::Exact(self.head.clone())
        } else {
            PathMatch::Prefix(self.head.clone())
        }
    }

    /// The rewrite that `target` stands for; `None` when it can only be said with captures.
    fn rewrite(&self, target: &str) -> Option<Rewrite> {
        if let Some(full) = replacement(target, self.groups) {
            return Some(Rewrite::ReplaceFull(full));
        }
        let rest = self.rest?;
        let before = target.strip_suffix(&format!("${rest}"))?;
        let (before, joined) = match self
            .separator
            .and_then(|s| before.strip_suffix(&format!("${s}")))
        {
            Some(before) => (before, true),
            None => (before, self.rest_has_slash),
        };
        if before.contains('$')
            || (joined && before.ends_with('/'))
            || (!joined && !before.ends_with('/'))
        {
            return None;
        }
        Some(Rewrite::ReplacePrefix(trim(before)))
    }
}

/// The target as text when no group of it exists in the path; groups that the path has not are empty.
fn replacement(target: &str, groups: usize) -> Option<String> {
    let mut out = String::with_capacity(target.len());
    let mut chars = target.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().and_then(|d| d.to_digit(10))) {
            ('$', Some(n)) if n as usize <= groups => return None,
            ('$', Some(_)) => {
                chars.next();
            }
            _ => out.push(c),
        }
    }
    if !out.starts_with('/') {
        out.insert(0, '/');
    }
    Some(out)
}

/// The literal start of an expression, whether a bare dot stands in it, and the rest.
fn literal(text: &str) -> (String, bool, &str) {
    let bytes = text.as_bytes();
    let (mut head, mut wild, mut at) = (String::new(), false, 0);
    while at < bytes.len() {
        let (c, step) = match bytes[at] {
            b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => {
                (char::from(bytes[at + 1]), 2)
            }
            b'\\' | b'+' | b'*' | b'?' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'^' | b'$'
            | b'|' => break,
            b'.' if matches!(bytes.get(at + 1), Some(b'*' | b'+' | b'?' | b'{')) => break,
            b if b.is_ascii() => (char::from(b), 1),
            _ => match text[at..].chars().next() {
                Some(c) => (c, c.len_utf8()),
                None => break,
            },
        };
        let quantified = matches!(bytes.get(at + step), Some(b'+' | b'*' | b'{'))
            || (bytes.get(at + step) == Some(&b'?') && c != '/');
        if quantified {
            break;
        }
        // A slash that may be missing belongs to the ending unless it is followed by a group.
        if c == '/'
            && bytes.get(at + step) == Some(&b'?')
            && bytes.get(at + step + 1) != Some(&b'(')
        {
            break;
        }
        wild |= bytes[at] == b'.';
        head.push(c);
        at += step;
    }
    (head, wild, &text[at..])
}
