//! The plain rendered stream: every object of the result, in one text.
//!
//! For people and tools without kustomize; what the plan does not touch passes through byte for byte, comments included.

use crate::diag::{Code, Diagnostic};
use crate::plan::apply::{Body, Built};
use crate::source::Sources;
use crate::yaml::write::{Order, write};

/// Writes the objects of a result as one stream of documents.
///
/// An object that the base's own transformations changed, or that stood in a `List`, has no text of its own; it is written in
/// canonical form like patched and new ones.
pub fn stream(built: &[Built<'_>], sources: &Sources) -> Result<String, Box<Diagnostic>> {
    let mut out = String::new();
    for object in built {
        if !out.is_empty() {
            out.push_str("---\n");
        }
        if let Body::Untouched(base) = &object.body
            && base.transformed.is_none()
            && base.item.is_none()
        {
            let text = sources.slice(base.doc.span);
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            // The rest of the marker's own line.
            let text = text
                .strip_prefix("\r\n")
                .or_else(|| text.strip_prefix('\n'))
                .unwrap_or(text);
            out.push_str(text);
        } else {
            let written = write([&object.value()], Order::Canonical).map_err(|why| {
                let headline = format!(
                    "`{}` of `{}` cannot be written",
                    why.path,
                    object.id.short()
                );
                let finding = Diagnostic::error(Code::builtin("EG3303"), headline).note(why.reason);
                Box::new(match &object.body {
                    Body::Untouched(base) | Body::Patched(base, _) => {
                        finding.at(base.name_span(), "in this object")
                    }
                    Body::Created(_) => finding,
                })
            })?;
            out.push_str(&written.text);
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    Ok(out)
}
