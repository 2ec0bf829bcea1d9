//! Finds names that are close to a misspelt one.
//!
//! Messages about unknown fields, services and ports offer them as the next thing to try.

/// Most names that are offered.
const MOST: usize = 3;

/// The candidates closest to `word`, best first, at most three; none that only looks alike by chance.
pub fn similar<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = word.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .filter(|candidate| *candidate != word && !candidate.is_empty())
        .filter_map(|candidate| score(&lower, &candidate.to_lowercase()).map(|s| (s, candidate)))
        .collect();
    scored.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.cmp(y)));
    scored.dedup_by_key(|(_, name)| *name);
    scored.truncate(MOST);
    scored.into_iter().map(|(_, name)| name).collect()
}

/// Likeness from 0 to 1 of two lower-case words that are near enough.
fn score(word: &str, candidate: &str) -> Option<f64> {
    if word == candidate {
        return Some(1.0);
    }
    let longest = word.chars().count().max(candidate.chars().count());
    let edits = strsim::damerau_levenshtein(word, candidate);
    let near = edits <= (longest / 3).max(1) && longest > edits;
    // Two short words with one edit between them share too little to be the same word.
    let plausible = near && (longest > 2 || edits == 0);
    // `timeout` for `timeouts.request`: a long common start counts, too.
    let start = longest > 4
        && word.chars().count() > 3
        && (candidate.starts_with(word) || word.starts_with(candidate));
    (plausible || start).then(|| strsim::jaro_winkler(word, candidate))
}

#[cfg(test)]
mod tests {
    use super::similar;

    #[test]
    fn offers_near_names_only() {
        assert_eq!(similar("htpp", ["http", "https", "grpc"]), ["http"]);
        assert_eq!(
            similar("healthcheck", ["healthCheck", "hostnames"]),
            ["healthCheck"]
        );
        assert_eq!(similar("drian", ["dns", "drain", "backends"]), ["drain"]);
        assert!(similar("a", ["b", "c"]).is_empty());
        assert!(similar("x", []).is_empty());
        assert_eq!(
            similar("port", ["port1", "port2", "port3", "port4"]).len(),
            3
        );
    }
}
