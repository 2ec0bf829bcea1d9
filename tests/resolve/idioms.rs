//! Path idioms: what a path is read as against what its expression matches.
//!
//! The expression engine is the judge; a reading that differs from it has to say so.

use edgegen::model::edge::{PathMatch, Rewrite};
use edgegen::resolve::paths;
use proptest::prelude::*;

/// What the model matches, and what the backend then sees.
fn model(meaning: &paths::PathMeaning, uri: &str) -> Option<String> {
    let below = |prefix: &str| {
        if prefix == "/" {
            Some(uri)
        } else {
            uri.strip_prefix(prefix)
                .filter(|r| r.is_empty() || r.starts_with('/'))
        }
    };
    let rest = match &meaning.path {
        PathMatch::Prefix(p) => below(p)?.to_owned(),
        PathMatch::Exact(p) => (uri == p).then(String::new)?,
        PathMatch::Regex(r) => return seen(r, meaning.rewrite.clone(), uri),
    };
    Some(match &meaning.rewrite {
        None => uri.to_owned(),
        Some(Rewrite::ReplacePrefix(new)) => format!(
            "{}/{}",
            new.trim_end_matches('/'),
            rest.trim_start_matches('/')
        ),
        Some(Rewrite::ReplaceFull(new) | Rewrite::Captures(new)) => new.clone(),
    })
}

/// What a controller with expressions matches, and what the backend then sees.
fn seen(path: &str, rewrite: Option<Rewrite>, uri: &str) -> Option<String> {
    let regex = regex_lite::Regex::new(&format!("^(?:{})", path.trim_start_matches('^')))
        .expect("an expression");
    let found = regex.captures(uri)?;
    let Some(Rewrite::Captures(target) | Rewrite::ReplaceFull(target)) = rewrite else {
        return Some(uri.to_owned());
    };
    let mut out = target;
    for n in 0..10 {
        out = out.replace(&format!("${n}"), found.get(n).map_or("", |m| m.as_str()));
    }
    Some(out)
}

fn alike(a: Option<&String>, b: Option<&String>) -> bool {
    // The slash at the end of what a stripped prefix leaves is not told apart.
    a.map(|s| s.trim_matches('/')) == b.map(|s| s.trim_matches('/'))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A path that is read as exact or as prefix routes and rewrites every request as the expression does, or says that it differs.
    #[test]
    fn path_idioms_mean_what_the_expression_means(
        head in "(/[ab]{1,2}){0,2}",
        dot in prop::sample::select(&["", r"\.c", ".c"][..]),
        tail in prop::sample::select(&[
            "", "/", "$", "/?$", "/?", ".*", "/.*", "(.*)", "/(.*)", "/?(.*)", "(/|$)(.*)", "(/|$)", "(/|$).*", "(?:/|$)(.*)", "(/.*)?",
            "(/.*)?$", "/(.*)$", "/[0-9]+", "(/|$)(.*)$", "/(a|b)/(.*)", "/x+",
        ][..]),
        target in prop::sample::select(&[None, Some("/"), Some("/$1"), Some("/$2"), Some("/x/$1"), Some("/x/$2"), Some("/x$1$2"), Some("$1$2"), Some("/x"), Some("/$3"), Some("$1")][..]),
        uri in "(/[ab]{1,2}(\\.c|xc)?){0,3}(/|x|/7)?",
    ) {
        let path = format!("{head}{}{tail}", if head.len() > 1 { dot } else { "" });
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        let uri = if uri.starts_with('/') { uri } else { format!("/{uri}") };
        let meaning = paths::regex(&path, target);
        let rewrite = target.filter(|t| *t != path).map(|t| Rewrite::Captures(t.to_owned()));
        let (theirs, ours) = (seen(&path, rewrite.clone(), &uri), model(&meaning, &uri));
        match &meaning.differs {
            None => prop_assert!(alike(theirs.as_ref(), ours.as_ref()), "{path} {target:?} {uri}: {theirs:?} {ours:?} {meaning:?}"),
            Some(example) => prop_assert!(
                seen(&path, rewrite, example).is_some() != model(&meaning, example).is_some(),
                "{path}: {example} is no difference of {meaning:?}"
            ),
        }
    }
}
