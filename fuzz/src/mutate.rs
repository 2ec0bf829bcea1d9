//! Changes to texts of YAML that keep most of them sound: by line, by value and by block, with the words of edgegen.
//!
//! Bytes changed at random rarely get past the parser; what lies behind it is reached by texts that are nearly right.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::trees;

/// What YAML readers disagree on, what is long, large, empty or of the wrong kind.
pub const ODD: &[&str] = &[
    "",
    "~",
    "null",
    "\"\"",
    "''",
    "{}",
    "[]",
    "[[]]",
    "{ }",
    "[ ~ ]",
    "on",
    "off",
    "yes",
    "no",
    "y",
    "True",
    "FALSE",
    "0",
    "-0",
    "-1",
    "1",
    "00",
    "0444",
    "0o17",
    "0x1F",
    "0b11",
    "1_000",
    "1e3",
    "1.",
    ".5",
    "+1",
    ".inf",
    "-.Inf",
    ".nan",
    "12:30:45",
    "2001-12-14",
    "2147483648",
    "65535",
    "65536",
    "99999999999999999999",
    "9223372036854775807",
    "18446744073709551615",
    "1e400",
    "\"\\0\"",
    "\"\\u2028\"",
    "\"\\x07\"",
    "\"a\\\n  b\"",
    "|",
    ">",
    "|-",
    ">+",
    "|2",
    "&a",
    "*a",
    "&a x",
    "!!str 1",
    "!!int \"1\"",
    "!!null x",
    "!!binary aGk=",
    "!local x",
    "<<",
    "<<: *a",
    "? a",
    "? ",
    ": ",
    "- ",
    "-",
    "--- ",
    "...",
    "%YAML 1.1",
    "%TAG ! x",
    "#",
    " # c",
    "\"",
    "'",
    "`",
    "@",
    "\u{feff}",
    "\u{85}",
    "\u{a0}",
    "é",
    "\u{1F600}",
    "$(X)",
    "${X}",
    "{{ x }}",
    "=x",
    "=none",
    "= ",
    "/",
    "/*",
    "/**",
    "/.*",
    "/a/(.*)",
    "/$1",
    "//",
    "/a//b",
    "/a/../b",
    "/%2e",
    "/%zz",
    "/é",
    "..",
    "../base",
    "./",
    ".",
    "-",
    "a/../..",
    "/etc",
    "https://example.com//x?ref=y",
    "*",
    "*.example.com",
    "*.*.com",
    "a.*.com",
    "EXAMPLE.com",
    "example.com.",
    "xn--a",
    "localhost",
    "127.0.0.1",
    "::1",
    "fe80::%1",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.1/8",
    "10.0.0.0/33",
    "300s",
    "0s",
    "1h2m3s4ms",
    "1.5s",
    "-1s",
    "5m",
    "99999h",
    "1d",
    "a=b",
    "a=b,a=c",
    "a,b",
    ",",
    "=",
    "x=",
    "80",
    "http",
    "443",
    "[80]",
    "{number: 80}",
    "{ name: http }",
    "v1",
    "apps/v1",
    "networking.k8s.io/v1",
    "extensions/v1beta1",
    "gateway.networking.k8s.io/v1",
    "List",
    "v1/v2/v3",
];

/// Words of the vocabulary, the profiles and the smallest base: names of fields, values, kinds, annotation keys.
pub fn words() -> &'static [String] {
    static WORDS: OnceLock<Vec<String>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut words = BTreeSet::new();
        let texts = [
            include_str!("../../vocabulary/exposure.yaml"),
            include_str!("../../vocabulary/environment.yaml"),
            include_str!("../../profiles/smallest.yaml"),
            include_str!("../../examples/bookstore/base/31-httproute.yaml"),
            include_str!("../../examples/bookstore/base/40-networkpolicies.yaml"),
            include_str!("../../examples/bookstore/base/30-gateway.yaml"),
        ];
        for text in texts {
            let of_word = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
            let found = text
                .split(|c| !of_word(c))
                .filter(|w| w.len() > 1 && w.len() < 60);
            words.extend(found.map(str::to_owned));
        }
        let mut diags = edgegen::diag::Diagnostics::default();
        let mut sources = edgegen::source::Sources::default();
        let store = edgegen::profile::store::Store::embedded(&mut sources, &mut diags);
        for id in store.targets() {
            words.insert(id.to_owned());
            let profile = store.compiled(id, &mut sources, &mut diags);
            words.extend(profile.into_iter().flat_map(|p| p.keys).map(|k| k.key.clone()));
        }
        words.into_iter().collect()
    })
}

/// A generator of numbers; the same seed gives the same ones.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 for 0.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }

    /// A word of the vocabulary, an odd spelling or a number.
    pub fn word(&mut self, care: Care) -> String {
        let words = words();
        match self.below(5) {
            0 | 1 if care == Care::Sound => {
                let odd = sound();
                odd[self.below(odd.len())].to_owned()
            }
            0 | 1 => ODD[self.below(ODD.len())].to_owned(),
            2 | 3 => words[self.below(words.len())].clone(),
            _ => (self.next() as i32 >> self.below(31)).to_string(),
        }
    }
}

/// How much of what is made shall be YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// About half: readers are tried.
    Rough,
    /// Nearly all: what lies behind the readers is tried.
    Sound,
}

/// The odd spellings that are values of YAML without errors.
fn sound() -> &'static [&'static str] {
    static SOUND: OnceLock<Vec<&'static str>> = OnceLock::new();
    SOUND.get_or_init(|| {
        let fine = |odd: &&str| {
            let mut sources = edgegen::source::Sources::default();
            let id = sources.add("odd.yaml", format!("a: [ {odd} ]\nb: {odd}\nc: x\n"));
            let mut diags = edgegen::diag::Diagnostics::default();
            let limits = edgegen::yaml::read::Limits::default();
            edgegen::yaml::read::read(&sources, id, &limits, &mut diags);
            !diags.has_errors()
        };
        ODD.iter().copied().filter(fine).collect()
    })
}

/// One change of the first `size` bytes of `data`; gives the new size, at most `max`. `bytes` is the change that knows nothing of YAML.
pub fn mutate(
    data: &mut [u8],
    size: usize,
    max: usize,
    seed: u32,
    care: Care,
    bytes: impl Fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut dice = Dice(u64::from(seed));
    let Ok(text) = std::str::from_utf8(&data[..size]) else {
        return bytes(data, size, max);
    };
    let (blind, changes) = match care {
        Care::Rough => (4, 3),
        Care::Sound => (32, 2),
    };
    if size == 0 || dice.below(blind) == 0 {
        return bytes(data, size, max);
    }
    // Mostly trees: what they become is read without an error of syntax.
    let grown = (care == Care::Sound && dice.below(5) > 0)
        .then(|| trees::change(text, &mut dice))
        .flatten();
    if let Some(new) = grown.filter(|t| !t.is_empty() && t.len() <= max.min(data.len())) {
        data[..new.len()].copy_from_slice(new.as_bytes());
        return new.len();
    }
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for _ in 0..=dice.below(changes) {
        change(&mut lines, &mut dice, care);
    }
    let new = lines.join("\n");
    let mut end = new.len().min(max).min(data.len());
    while !new.is_char_boundary(end) {
        end -= 1;
    }
    data[..end].copy_from_slice(&new.as_bytes()[..end]);
    end
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The lines of the block that starts at `at`: what follows and is deeper.
fn block(lines: &[String], at: usize) -> usize {
    let depth = indent(&lines[at]);
    let deeper = |l: &&String| indent(l) > depth || l.trim().is_empty();
    at + 1 + lines[at + 1..].iter().take_while(deeper).count()
}

fn change(lines: &mut Vec<String>, dice: &mut Dice, care: Care) {
    let at = dice.below(lines.len());
    // Another depth mostly is another syntax.
    match dice.below(if care == Care::Sound { 11 } else { 12 }) {
        // The value of a key, or an item.
        0..=2 => {
            let line = &mut lines[at];
            if let Some(i) = line
                .find(": ")
                .map(|i| i + 2)
                .or(line.find("- ").map(|i| i + 2))
            {
                line.truncate(i);
            }
            line.push_str(&dice.word(care));
        }
        // A token within a line, such as a value in flow style.
        3 | 4 => {
            let edges: Vec<usize> = lines[at]
                .char_indices()
                .filter(|(_, c)| " ,{}[]:\"".contains(*c))
                .map(|(i, c)| i + c.len_utf8())
                .collect();
            if !edges.is_empty() {
                let start = edges[dice.below(edges.len())];
                let rest = &lines[at][start..];
                let len = rest
                    .find([' ', ',', '}', ']', ':', '"'])
                    .unwrap_or(rest.len());
                let word = dice.word(care);
                lines[at].replace_range(start..start + len, &word);
            }
        }
        // A key.
        5 => {
            let word = dice.word(care);
            let line = &mut lines[at];
            let start = indent(line);
            if let Some(end) = line.find(':').filter(|e| *e >= start) {
                line.replace_range(start..end, &word);
            }
        }
        // A block goes.
        6 => {
            let end = block(lines, at);
            lines.drain(at..end);
        }
        // A line goes.
        7 => {
            lines.remove(at);
        }
        // A block comes again, there or elsewhere, as deep as its new place.
        8 | 9 => {
            let end = block(lines, at);
            let copy: Vec<String> = lines[at..end.min(at + 40)].to_vec();
            let to = if dice.below(2) == 0 {
                end
            } else {
                dice.below(lines.len())
            };
            let was = indent(&copy[0]);
            let wanted = lines.get(to).map_or(was, |l| indent(l));
            for (i, line) in copy.into_iter().enumerate() {
                let depth = (indent(&line) + wanted).saturating_sub(was);
                lines.insert(
                    to + i,
                    format!("{}{}", " ".repeat(depth), line.trim_start()),
                );
            }
        }
        // A key of the vocabulary with a value.
        10 => {
            let (key, value) = (dice.word(care), dice.word(care));
            let depth = indent(&lines[at]);
            lines.insert(at, format!("{}{key}: {value}", " ".repeat(depth)));
        }
        // Another depth.
        _ => {
            let by = 1 + dice.below(3);
            if dice.below(2) == 0 {
                lines[at].insert_str(0, &" ".repeat(by));
            } else {
                let by = by.min(indent(&lines[at]));
                lines[at].drain(..by);
            }
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
}
