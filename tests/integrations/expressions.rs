//! The few expressions that the Action is written with: contexts, `==`, `||`.
//!
//! So that its steps run here as they stand in action.yml; an expression of another form fails the test that meets it.

use std::collections::BTreeMap;

/// What contexts hold, by their whole name: `inputs.files`, `steps.review.outputs.diff`.
pub type Contexts = BTreeMap<String, String>;

/// A text with its `${{ }}` replaced.
pub fn filled(text: &str, contexts: &Contexts) -> String {
    let mut parts = text.split("${{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once("}}").expect("an expression has an end");
        out.push_str(&value(expression, contexts));
        out.push_str(rest);
    }
    out
}

/// Whether a condition holds; the runner leaves out a step after a failed one by itself.
pub fn holds(expression: &str, contexts: &Contexts) -> bool {
    value(expression, contexts) == "true"
}

fn value(expression: &str, contexts: &Contexts) -> String {
    let any: Vec<&str> = expression.split("||").collect();
    if let [_, _, ..] = any[..] {
        let found = any.iter().any(|e| value(e, contexts) == "true");
        return found.to_string();
    }
    if let Some((left, right)) = expression.split_once("==") {
        return (value(left, contexts) == value(right, contexts)).to_string();
    }
    let word = expression.trim();
    if let Some(text) = word.strip_prefix('\'').and_then(|w| w.strip_suffix('\'')) {
        return text.to_owned();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    assert!(
        word.chars().all(plain),
        "an expression of this form is not run here: {word}"
    );
    // What a step did not say is empty; an input or a fact of the run has to be there.
    let found = contexts.get(word).cloned();
    found.unwrap_or_else(|| {
        assert!(word.starts_with("steps."), "there is no {word}");
        String::new()
    })
}

#[test]
fn expressions_are_read_as_the_runner_reads_them() {
    let contexts: Contexts = [("inputs.comment", "true"), ("inputs.out", "o")]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into();
    assert!(holds("inputs.comment == 'true'", &contexts));
    assert!(!holds("inputs.out == 'true'", &contexts));
    assert_eq!(
        filled("a ${{ inputs.out }} b${{ steps.x.outputs.y }}", &contexts),
        "a o b"
    );
    let either = "${{ inputs.out == 'x' || inputs.comment == 'true' }}";
    assert_eq!(filled(either, &contexts), "true");
}
