//! Cuts a stream into its documents at `---` in column 0, which no YAML text can hold otherwise.
//!
//! Both Kubernetes readers cut streams this way before they parse, and so does the reader here.

/// One document of a stream: byte ranges of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    /// First byte of the document itself, after its marker line and byte order mark.
    pub(crate) start: usize,
    /// First byte that the parser sees: the marker when something stands on its line, else `start`.
    pub(crate) parse_from: usize,
    /// One past the last byte.
    pub(crate) end: usize,
    /// The marker line holds part of the document, or is no proper marker.
    pub(crate) marker: Marker,
}

/// What the line that opens a document looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// `---` alone, or none at the start of the text.
    Clean,
    /// `--- {a: 1}`.
    Content,
    /// `----` or `---x`: text to the grammar, a marker to kustomize.
    Odd,
}

/// The documents of `text`, also empty ones.
pub(crate) fn segments(text: &str) -> Vec<Segment> {
    let bytes = text.as_bytes();
    let bom = bom_at(bytes, 0);
    let mut out = Vec::new();
    let mut open = if bytes[bom..].starts_with(b"---") {
        after_marker(bytes, bom)
    } else {
        Segment {
            start: bom,
            parse_from: bom,
            end: 0,
            marker: Marker::Clean,
        }
    };
    for at in memchr::memmem::find_iter(bytes, b"\n---") {
        // The line break belongs to the document before it.
        if at < open.parse_from {
            continue;
        }
        open.end = at + 1;
        out.push(open);
        open = after_marker(bytes, at + 1);
    }
    open.end = bytes.len();
    out.push(open);
    out
}

fn after_marker(bytes: &[u8], marker: usize) -> Segment {
    let rest = marker + 3;
    let line_end = memchr::memchr(b'\n', &bytes[rest..]).map_or(bytes.len(), |i| rest + i + 1);
    let line = bytes[rest..line_end].trim_ascii();
    if !line.is_empty() && !bytes[rest].is_ascii_whitespace() {
        return Segment {
            start: rest,
            parse_from: marker,
            end: 0,
            marker: Marker::Odd,
        };
    }
    if line.is_empty() || line.starts_with(b"#") {
        let start = bom_at(bytes, line_end);
        return Segment {
            start,
            parse_from: start,
            end: 0,
            marker: Marker::Clean,
        };
    }
    Segment {
        start: rest,
        parse_from: marker,
        end: 0,
        marker: Marker::Content,
    }
}

/// The place after a byte order mark at `at`, if there is one.
fn bom_at(bytes: &[u8], at: usize) -> usize {
    if bytes[at..].starts_with("\u{feff}".as_bytes()) {
        at + 3
    } else {
        at
    }
}
