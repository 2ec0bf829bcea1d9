//! Words for errors of the grammar that people meet: what is wrong and what to write.
//!
//! The parser's own words speak of scanning and tokens; they remain for the rare errors.

use granit_parser::{ErrorKind, ScanError};

/// The headline and, where there is one, the help for an error.
pub(super) fn words(error: &ScanError) -> (String, Option<&'static str>) {
    let (headline, help) = match error.kind() {
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => (
            "a `:` stands where no key can be",
            "put a value that holds `: ` in quotes, or correct the indentation",
        ),
        ErrorKind::UnexpectedCharacter { character } => {
            return (
                format!("a value without quotes cannot begin with `{character}`"),
                Some("put the value in quotes"),
            );
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "a line is neither `key: value` nor part of a value",
            "write `:` and a blank after the key, or indent the text below its key",
        ),
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockSequenceEntry => (
            "the indentation fits neither the map nor the list around it",
            "align keys of one map, and items of one list, in one column",
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator => (
            "a bracket or brace is not closed, or a comma is missing",
            "close it, or put a comma between the entries",
        ),
        ErrorKind::MisplacedFlowCollectionEnd => (
            "a bracket or brace is closed that was not opened",
            "remove it",
        ),
        ErrorKind::CommentNotSeparated => (
            "a comment stands close to a value",
            "put a blank before the `#`",
        ),
        ErrorKind::UnknownQuotedScalarEscape => (
            "a text in double quotes holds an unknown escape",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        ErrorKind::BomInsideDocument => (
            "a byte order mark stands inside of a document",
            "remove it; files that were joined often hold one",
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar
        | ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "text follows the closing quote of a value",
            "put the whole value in quotes, and escape quotes inside of it",
        ),
        _ => return (error.info(), None),
    };
    (headline.to_owned(), Some(help))
}
