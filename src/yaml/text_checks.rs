//! Checks on the text that the grammar does not make but the Kubernetes readers do.
//!
//! Control characters, escapes that only JSON knows, and lines that hold nothing but tabs.

use super::problem::{Problem, What};
use super::{Doc, Repr};

/// Reports characters that kustomize refuses to read; false when there is one.
pub(super) fn characters(body: &str, base: usize, found: &mut Vec<Problem>) -> bool {
    let odd = |b: u8| {
        (b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r')) || b == 0x7f || b == 0xc2 || b == 0xef
    };
    let mut sound = true;
    for (i, chunk) in body.as_bytes().chunks(64).enumerate() {
        // Without a branch inside, so that sixteen bytes are looked at in one step.
        if !chunk.iter().fold(false, |any, b| any | odd(*b)) {
            continue;
        }
        let from = i * 64;
        let start = (0..=from.min(3))
            .map(|back| from - back)
            .find(|at| body.is_char_boundary(*at))
            .unwrap_or(from);
        for (at, c) in body[start..]
            .char_indices()
            .take_while(|(at, _)| start + at < from + chunk.len())
        {
            let refused = matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
            if refused && start + at >= from {
                let at = base + start + at;
                found.push(Problem::at(
                    What::ControlCharacter(c),
                    at..at + c.len_utf8(),
                ));
                sound = false;
            }
        }
        if !sound {
            return false;
        }
    }
    sound
}

/// Reports escapes of a double-quoted scalar that the Kubernetes readers refuse: `\/` and surrogates.
pub(super) fn escapes(quoted: &str, base: usize, found: &mut Vec<Problem>) {
    let bytes = quoted.as_bytes();
    let mut at = 0;
    while let Some(step) = memchr::memchr(b'\\', &bytes[at..]) {
        at += step;
        match bytes.get(at + 1) {
            Some(b'/') => found.push(Problem::at(What::Escape("\\/"), base + at..base + at + 2)),
            Some(b'u')
                if matches!(
                    bytes.get(at + 2..at + 4),
                    Some([b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F'])
                ) =>
            {
                found.push(Problem::at(
                    What::Escape("a surrogate"),
                    base + at..base + (at + 6).min(bytes.len()),
                ));
            }
            _ => {}
        }
        at = (at + 2).min(bytes.len());
    }
}

/// Reports lines that hold only tabs, outside of scalars.
pub(super) fn tab_lines(doc: &Doc, body: &str, base: usize, found: &mut Vec<Problem>) {
    let bytes = body.as_bytes();
    let mut done = 0;
    for tab in memchr::memchr_iter(b'\t', bytes) {
        if tab < done {
            continue;
        }
        let start = memchr::memrchr(b'\n', &bytes[..tab]).map_or(0, |i| i + 1);
        let end = memchr::memchr(b'\n', &bytes[tab..]).map_or(bytes.len(), |i| tab + i);
        done = end;
        if !bytes[start..end].iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let at = (base + tab) as u32;
        let in_scalar = |n: &super::NodeData| {
            n.start <= at && at < n.end && matches!(n.repr, Repr::Borrowed(..) | Repr::Owned(_))
        };
        if !doc.nodes.iter().any(in_scalar) {
            found.push(Problem::at(What::TabLine, base + start..base + end));
        }
    }
}

/// A text that is one flow collection (all JSON is) with blanks for the tabs outside of its strings, at the same places.
pub(super) fn blank_tabs_of_flow_text(body: &str) -> Option<String> {
    if !body.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut quoted = false;
    let mut escaped = false;
    let swap = |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '\t' if !quoted => return ' ',
            _ => {}
        }
        c
    };
    Some(body.chars().map(swap).collect())
}
