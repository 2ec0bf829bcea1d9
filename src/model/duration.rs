//! Durations in the form of Gateway API (GEP-2257): `90s`, `1h30m`, `500ms`.
//!
//! One grammar for every document; profiles turn it into whatever their controller parses.

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub u64);

impl Duration {
    /// Reads `^([0-9]{1,5}(h|m|s|ms)){1,4}$`; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (mut at, mut parts, mut total) = (0, 0, 0u64);
        while at < bytes.len() {
            let start = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            if at == start || at - start > 5 {
                return None;
            }
            let number: u64 = text[start..at].parse().ok()?;
            let unit = match &bytes[at..] {
                [b'm', b's', ..] => {
                    at += 2;
                    1
                }
                [b'h', ..] => {
                    at += 1;
                    3_600_000
                }
                [b'm', ..] => {
                    at += 1;
                    60_000
                }
                [b's', ..] => {
                    at += 1;
                    1_000
                }
                _ => return None,
            };
            total += number * unit;
            parts += 1;
        }
        (1..=4).contains(&parts).then_some(Self(total))
    }

    /// Whole seconds; `None` when there is a rest.
    pub fn whole_seconds(self) -> Option<u64> {
        self.0.is_multiple_of(1000).then_some(self.0 / 1000)
    }
}

impl std::fmt::Display for Duration {
    /// The shortest usual form: `1h30m`, `90s` for anything below two minutes, `0s`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = self.0;
        if ms == 0 {
            return f.write_str("0s");
        }
        if ms.is_multiple_of(1000) && ms < 120_000 {
            return write!(f, "{}s", ms / 1000);
        }
        for (unit, name) in [(3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")] {
            let above = match name {
                "h" => ms,
                "m" => ms % 3_600_000,
                "s" => ms % 60_000,
                _ => ms % 1000,
            };
            if above >= unit {
                write!(f, "{}{name}", above / unit)?;
            }
        }
        Ok(())
    }
}
