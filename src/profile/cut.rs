//! The parts of a profile's files that are read at different times, cut apart by their lines.
//!
//! By its own and without other modules, because the build cuts the embedded profiles with it, too, so that a run need not.

/// The parts of one file. Each has the lines of the others emptied, so that lines keep their numbers.
#[derive(Debug, Clone, Default)]
pub struct Parts<S> {
    /// Of `profile.yaml` what every run reads; of rules what compiling needs; of other files all.
    pub head: S,
    /// What a dialect reads, when a base calls for it; without the emptied lines.
    pub keys: S,
    /// `unsupported`, when its target is rendered.
    pub refusals: S,
    /// `let`, together with the rules.
    pub lets: S,
}

/// The parts of a file by its path within the profile; a file in another layout than the usual is all in `head`.
pub fn cut(path: &str, text: &str) -> Parts<String> {
    if path == "profile.yaml" {
        return outline(text);
    }
    let head = if path.starts_with("rules/") {
        without_examples(text)
    } else {
        text.to_owned()
    };
    Parts {
        head,
        ..Parts::default()
    }
}

fn outline(text: &str) -> Parts<String> {
    let mut out = Parts::<String>::default();
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
    for part in [&mut out.refusals, &mut out.lets] {
        if part.trim().is_empty() {
            part.clear();
        }
    }
    out
}

/// Parts of a rule that compiling does not need.
const UNCOMPILED: &[&str] = &["  examples:", "  reads:", "  unread:"];

/// A file of rules in its usual layout (rules at the margin, their keys two blanks in) with the lines of all examples and readings
/// emptied. A file in another layout stays as it is.
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
