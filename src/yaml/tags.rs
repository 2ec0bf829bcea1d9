//! What an explicit tag makes of a scalar, as kustomize takes it.
//!
//! Base manifests seldom hold tags, but `!!binary` and `!!str` occur, and a wrong guess would be a silent change.

use granit_parser::Tag;

use super::scalar::{self, Scalar};

/// The outcome of a tag.
pub(super) enum Tagged {
    /// The text of the scalar, read so.
    Scalar(Scalar),
    /// Another text.
    Text(String),
}

/// Resolves a tagged scalar; the error is the tag that the text does not fit.
pub(super) fn resolve(tag: &Tag, value: &str, plain: bool) -> Result<Tagged, String> {
    let Some(name) = tag.suffix_in_namespace("tag:yaml.org,2002:") else {
        // A tag of somebody else's is ignored, and its text stays text.
        return Ok(Tagged::Scalar(Scalar::Str));
    };
    let read = scalar::resolve(value);
    let fits = match (name.as_ref(), read) {
        ("str" | "merge", _) => Some(Scalar::Str),
        ("binary", _) => {
            return base64(value)
                .map(Tagged::Text)
                .ok_or_else(|| tag.original());
        }
        ("int", Scalar::Int(_) | Scalar::UInt(_))
        | ("float", Scalar::Int(_) | Scalar::UInt(_) | Scalar::Float(_) | Scalar::NonFinite)
        | ("bool", Scalar::Bool(_))
        | ("null", Scalar::Null)
        | ("timestamp", Scalar::Timestamp) => Some(read),
        ("int" | "float" | "bool" | "null" | "timestamp", _) => None,
        _ if plain => Some(read),
        _ => Some(Scalar::Str),
    };
    fits.map(Tagged::Scalar).ok_or_else(|| tag.original())
}

/// Decodes base64 with padding; nothing where it is malformed or not text.
fn base64(value: &str) -> Option<String> {
    let digits: Vec<u8> = value.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3);
    let quads = digits.len() / 4;
    for (i, quad) in digits.chunks_exact(4).enumerate() {
        let padding = if i + 1 == quads {
            quad.iter()
                .rev()
                .take(2)
                .take_while(|b| **b == b'=')
                .count()
        } else {
            0
        };
        let mut bits = 0_u32;
        for (place, b) in quad.iter().enumerate() {
            let digit = if place >= 4 - padding { 0 } else { sextet(*b)? };
            bits = bits << 6 | digit;
        }
        out.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    String::from_utf8(out).ok()
}

fn sextet(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}
