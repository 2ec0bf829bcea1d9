//! What a scalar without quotes means: the rules that kustomize applies to resources, in its order.
//!
//! No library reads `0444`, `1_000` or `08` as the Kubernetes tools do, so the rules live here, for the reader and the writer.

/// What a plain scalar stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false` in one of three letter cases.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond `i64`.
    UInt(u64),
    /// A finite number.
    Float(f64),
    /// `.inf` or `.nan`: a number that JSON cannot hold.
    NonFinite,
    /// A date: kustomize writes it anew with a time of day, kubectl keeps the text.
    Timestamp,
    /// Text.
    Str,
}

/// Resolves a plain scalar by the rules that kustomize applies to resources and merge patches (YAML v3).
pub fn resolve(text: &str) -> Scalar {
    let Some(&first) = text.as_bytes().first() else {
        return Scalar::Null;
    };
    match first {
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' => word(text),
        b'.' => match text {
            ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN" => Scalar::NonFinite,
            _ => float(text).unwrap_or(Scalar::Str),
        },
        b'0'..=b'9' | b'+' | b'-' => number(text),
        _ => Scalar::Str,
    }
}

/// Whether kubectl, and kustomize in the value of a JSON 6902 patch, read this plain text as a boolean although [`resolve`] does not.
pub fn is_yaml11_boolean(text: &str) -> bool {
    matches!(
        text,
        "y" | "Y"
            | "n"
            | "N"
            | "yes"
            | "Yes"
            | "YES"
            | "no"
            | "No"
            | "NO"
            | "on"
            | "On"
            | "ON"
            | "off"
            | "Off"
            | "OFF"
    )
}

/// Whether the text, written without quotes, reads back as the same string under YAML 1.1 and 1.2 rules alike.
///
/// Stricter than the grammar: everything that begins with a digit, a sign or a dot is unsafe, whatever follows.
pub fn is_plain_safe(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(&first) = bytes.first() else {
        return false;
    };
    if !(first.is_ascii_alphabetic() || first == b'_' || first == b'/') || bytes.len() >= 512 {
        return false;
    }
    if bytes.len() <= 5 && is_reserved_word(text) {
        return false;
    }
    let mut before = first;
    for &b in &bytes[1..] {
        if !is_plain_byte(b) || (b == b'#' && before == b' ') || (b == b' ' && before == b':') {
            return false;
        }
        before = b;
    }
    before != b' ' && before != b':'
}

fn is_plain_byte(b: u8) -> bool {
    const PLAIN: [bool; 256] = {
        let marks = b" _-./:,;=+@()*?&%$!~^<>|#'";
        let mut out = [false; 256];
        let mut b = 0;
        while b < 128 {
            out[b] = (b as u8).is_ascii_alphanumeric();
            b += 1;
        }
        let mut i = 0;
        while i < marks.len() {
            out[marks[i] as usize] = true;
            i += 1;
        }
        out
    };
    PLAIN[usize::from(b)]
}

fn is_reserved_word(text: &str) -> bool {
    let first = text.bytes().next().unwrap_or_default().to_ascii_lowercase();
    b"ynotfi".contains(&first)
        && [
            "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
        ]
        .iter()
        .any(|w| text.eq_ignore_ascii_case(w))
}

fn word(text: &str) -> Scalar {
    match text {
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ => Scalar::Str,
    }
}

fn number(text: &str) -> Scalar {
    if matches!(
        text,
        "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF"
    ) {
        return Scalar::NonFinite;
    }
    if is_timestamp(text) {
        return Scalar::Timestamp;
    }
    if !text.contains('_') {
        return integer(text).or_else(|| float(text)).unwrap_or(Scalar::Str);
    }
    let joined = text.replace('_', "");
    integer(&joined)
        .or_else(|| float(&joined))
        .unwrap_or(Scalar::Str)
}

/// Base 16, 2, 8 (`0o17` and `017`) or 10, in the range of `i64` or, without a sign, of `u64`.
fn integer(text: &str) -> Option<Scalar> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' | b'+' => text.split_at(1),
        _ => ("", text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // The standard library would take a second sign here.
    if !digits
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric())
    {
        return None;
    }
    match (u64::from_str_radix(digits, radix).ok()?, sign) {
        (n, "-") => 0i64.checked_sub_unsigned(n).map(Scalar::Int),
        (n, "+") => i64::try_from(n).ok().map(Scalar::Int),
        (n, _) => Some(i64::try_from(n).map_or(Scalar::UInt(n), Scalar::Int)),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, finite only.
fn float(text: &str) -> Option<Scalar> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(at);
    at += whole;
    let mut fraction = 0;
    let mut plain = true;
    if bytes.get(at) == Some(&b'.') {
        plain = false;
        fraction = digits(at + 1);
        at += 1 + fraction;
    }
    if whole == 0 && fraction == 0 {
        return None;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        plain = false;
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'-' | b'+')));
        let exponent = digits(at.min(bytes.len()));
        if exponent == 0 {
            return None;
        }
        at += exponent;
    }
    if at != bytes.len() {
        return None;
    }
    let value: f64 = text.parse().ok().filter(|f: &f64| f.is_finite())?;
    // `08` is no octal number, so it comes this way; it is still an integer to everyone who reads it.
    match text.parse::<i64>() {
        Ok(n) if plain => Some(Scalar::Int(n)),
        _ => Some(Scalar::Float(value)),
    }
}

/// `2024-1-2`, or that with `T` or a blank and a time; the form is checked, months and days by their range.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let mut rest = &text[5..];
    let ok = field(&mut rest, 1, 12) && take(&mut rest, b"-") && field(&mut rest, 1, 31);
    if !ok || rest.is_empty() {
        return ok;
    }
    let zone_allowed = !rest.starts_with(' ');
    if !(take(&mut rest, b"Tt ")
        && field(&mut rest, 0, 23)
        && take(&mut rest, b":")
        && field(&mut rest, 0, 59)
        && take(&mut rest, b":")
        && field(&mut rest, 0, 59))
    {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == fraction.len() {
            return false;
        }
    }
    match rest.as_bytes() {
        [] => !zone_allowed,
        [b'Z'] => zone_allowed,
        [b'+' | b'-', a, b, b':', c, d] => {
            zone_allowed && [a, b, c, d].iter().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

fn take(rest: &mut &str, any_of: &[u8]) -> bool {
    let found = rest.as_bytes().first().is_some_and(|b| any_of.contains(b));
    if found {
        *rest = &rest[1..];
    }
    found
}

fn field(rest: &mut &str, least: u32, most: u32) -> bool {
    let len = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let ok = rest[..len]
        .parse()
        .is_ok_and(|n| (least..=most).contains(&n));
    *rest = &rest[len..];
    ok
}
