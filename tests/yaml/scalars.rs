//! Plain scalars, one by one.
//!
//! Most YAML libraries differ from kustomize on a quarter of these.

use edgegen::yaml::scalar::{Scalar, is_plain_safe, is_yaml11_boolean, resolve};

const TABLE: &[(&str, Scalar)] = &[
    ("", Scalar::Null),
    ("~", Scalar::Null),
    ("null", Scalar::Null),
    ("Null", Scalar::Null),
    ("NULL", Scalar::Null),
    ("nULL", Scalar::Str),
    ("nil", Scalar::Str),
    ("true", Scalar::Bool(true)),
    ("True", Scalar::Bool(true)),
    ("TRUE", Scalar::Bool(true)),
    ("tRue", Scalar::Str),
    ("false", Scalar::Bool(false)),
    ("False", Scalar::Bool(false)),
    ("FALSE", Scalar::Bool(false)),
    ("y", Scalar::Str),
    ("Y", Scalar::Str),
    ("n", Scalar::Str),
    ("N", Scalar::Str),
    ("yes", Scalar::Str),
    ("No", Scalar::Str),
    ("on", Scalar::Str),
    ("OFF", Scalar::Str),
    ("0", Scalar::Int(0)),
    ("-0", Scalar::Int(0)),
    ("1", Scalar::Int(1)),
    ("+1", Scalar::Int(1)),
    ("-1", Scalar::Int(-1)),
    ("++1", Scalar::Str),
    ("+-1", Scalar::Str),
    ("-", Scalar::Str),
    ("+", Scalar::Str),
    ("0777", Scalar::Int(511)),
    ("0444", Scalar::Int(292)),
    ("0123", Scalar::Int(83)),
    ("-010", Scalar::Int(-8)),
    ("00", Scalar::Int(0)),
    ("08", Scalar::Int(8)),
    ("0189", Scalar::Int(189)),
    ("0o777", Scalar::Int(511)),
    ("0O17", Scalar::Int(15)),
    ("0o8", Scalar::Str),
    ("0x1F", Scalar::Int(31)),
    ("0X1f", Scalar::Int(31)),
    ("-0x1f", Scalar::Int(-31)),
    ("0x", Scalar::Str),
    ("0xg", Scalar::Str),
    ("0x-1", Scalar::Str),
    ("0b101", Scalar::Int(5)),
    ("0B11", Scalar::Int(3)),
    ("-0b11", Scalar::Int(-3)),
    ("0b2", Scalar::Str),
    ("0b", Scalar::Str),
    ("1_000", Scalar::Int(1000)),
    ("0_7", Scalar::Int(7)),
    ("1__0", Scalar::Int(10)),
    ("1_", Scalar::Int(1)),
    ("_1", Scalar::Str),
    ("0x_1F", Scalar::Int(31)),
    ("1_000.5", Scalar::Float(1000.5)),
    ("9223372036854775807", Scalar::Int(i64::MAX)),
    ("-9223372036854775808", Scalar::Int(i64::MIN)),
    (
        "9223372036854775808",
        Scalar::UInt(9_223_372_036_854_775_808),
    ),
    ("18446744073709551615", Scalar::UInt(u64::MAX)),
    (
        "18446744073709551616",
        Scalar::Float(18_446_744_073_709_551_616.0),
    ),
    (
        "+18446744073709551615",
        Scalar::Float(18_446_744_073_709_551_615.0),
    ),
    (
        "12345678901234567890123",
        Scalar::Float(12_345_678_901_234_567_890_123.0),
    ),
    ("0xFFFFFFFFFFFFFFFF", Scalar::UInt(u64::MAX)),
    ("0x1FFFFFFFFFFFFFFFFF", Scalar::Str),
    ("1.0", Scalar::Float(1.0)),
    ("1.5", Scalar::Float(1.5)),
    ("-1.5", Scalar::Float(-1.5)),
    (".5", Scalar::Float(0.5)),
    ("-.5", Scalar::Float(-0.5)),
    ("5.", Scalar::Float(5.0)),
    (".", Scalar::Str),
    ("..", Scalar::Str),
    ("1.2.3", Scalar::Str),
    ("1e3", Scalar::Float(1000.0)),
    ("1E3", Scalar::Float(1000.0)),
    ("1e+3", Scalar::Float(1000.0)),
    ("1.5e-1", Scalar::Float(0.15)),
    ("1e", Scalar::Str),
    ("1e+", Scalar::Str),
    ("e3", Scalar::Str),
    (".e3", Scalar::Str),
    ("1e400", Scalar::Str),
    ("-1e400", Scalar::Str),
    (".inf", Scalar::NonFinite),
    ("+.Inf", Scalar::NonFinite),
    ("-.INF", Scalar::NonFinite),
    (".NaN", Scalar::NonFinite),
    ("inf", Scalar::Str),
    ("nan", Scalar::Str),
    ("NaN", Scalar::Str),
    ("infinity", Scalar::Str),
    ("1:30", Scalar::Str),
    ("190:20:30", Scalar::Str),
    ("=", Scalar::Str),
    ("<<", Scalar::Str),
    ("1,000", Scalar::Str),
    ("1 000", Scalar::Str),
    ("30s", Scalar::Str),
    ("10.0.0.0/8", Scalar::Str),
    ("2024-01-02", Scalar::Timestamp),
    ("2024-1-2", Scalar::Timestamp),
    ("2024-01-02T03:04:05Z", Scalar::Timestamp),
    ("2024-01-02t03:04:05.25+02:00", Scalar::Timestamp),
    ("2024-01-02 03:04:05", Scalar::Timestamp),
    ("2024-13-02", Scalar::Str),
    ("2024-01-02T", Scalar::Str),
    ("2024-01", Scalar::Str),
    ("20240102", Scalar::Int(20_240_102)),
    ("٣", Scalar::Str),
    ("1٣", Scalar::Str),
    ("2024-٣1-01", Scalar::Str),
];

#[test]
fn plain_scalars_read_as_kustomize_reads_them() {
    for (text, expected) in TABLE {
        assert_eq!(resolve(text), *expected, "{text:?}");
    }
}

#[test]
fn what_is_no_string_to_some_reader_is_never_written_plain() {
    for (text, value) in TABLE {
        if *value != Scalar::Str || is_yaml11_boolean(text) {
            assert!(!is_plain_safe(text), "{text:?}");
        }
    }
    for unsafe_text in [
        "a: b", "a #b", "a ", " a", "a:", "nAn", "yEs", "# a", "- a", "*a", "&a", "!a", "%a", "@a",
        "`a", "{a", "'a", "a\tb", "ä",
    ] {
        assert!(!is_plain_safe(unsafe_text), "{unsafe_text:?}");
    }
    for safe in [
        "a",
        "bookstore.your-org.com",
        "/healthz",
        "urn:a:b",
        "a#b",
        "k=v,k=w",
        "_x",
        "HTTPRoute",
        "text with blanks",
    ] {
        assert!(is_plain_safe(safe), "{safe:?}");
    }
}
