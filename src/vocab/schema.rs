//! JSON Schema (draft 2020-12) of the documents, for editors.
//!
//! Generated from the vocabulary, so that what an editor accepts is what the compiler accepts.

use serde_json::{Map, Value, json};

use super::{Field, Shape, Type, Vocabulary};

/// The schema of one kind of document: `Exposure`, `Environment` or `ChartMapping`.
pub fn document(vocab: &Vocabulary, kind: &str) -> Value {
    let spec = match kind {
        "Exposure" => &vocab.exposure,
        "Environment" => &vocab.environment,
        _ => super::chart_mapping(),
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("edgegen {kind}"),
        "type": "object",
        "additionalProperties": false,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": { "const": crate::load::API_VERSION },
            "kind": { "const": kind },
            "metadata": {
                "type": "object",
                "additionalProperties": false,
                "required": ["name"],
                "properties": {
                    "name": { "type": "string", "description": "Name of the document; part of the output's path." },
                    "namespace": { "type": "string", "description": "Namespace of the objects that are made." }
                }
            },
            "spec": shape(vocab, spec, true)
        }
    })
}

/// A schema that takes any document of edgegen, for files that hold several kinds.
pub fn any(vocab: &Vocabulary) -> Value {
    let documents = ["Exposure", "Environment", "ChartMapping"].map(|kind| document(vocab, kind));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "edgegen document",
        "oneOf": documents
    })
}

fn shape(vocab: &Vocabulary, s: &Shape, required: bool) -> Value {
    let mut out = match &s.ty {
        Type::Map(fields) => fields_schema(vocab, fields, required),
        Type::Exposure => shape(vocab, &vocab.exposure, false),
        Type::List(of) => json!({ "type": "array", "items": shape(vocab, of, required) }),
        Type::MapOf(of) => {
            json!({ "type": "object", "additionalProperties": shape(vocab, of, required) })
        }
        Type::Bindings(key) => {
            let members = vocab.bindings.get(key).map_or(&[][..], Vec::as_slice);
            json!({ "type": "object", "additionalProperties": fields_schema(vocab, members, required) })
        }
        Type::Str(p) => p.as_ref().map_or_else(
            || json!({ "type": "string", "minLength": 1 }),
            |p| json!({ "type": "string", "pattern": p.source }),
        ),
        Type::Enum(values) => json!({ "enum": values }),
        Type::Bool => json!({ "type": "boolean" }),
        Type::Int(min, max) => {
            let mut m = json!({ "type": "integer" });
            if let Some(i) = min {
                m["minimum"] = json!(i);
            }
            if let Some(i) = max {
                m["maximum"] = json!(i);
            }
            m
        }
        Type::Duration(..) => {
            json!({ "type": "string", "pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$" })
        }
        Type::Cidr => json!({ "type": "string", "pattern": "^[0-9a-fA-F.:]+/[0-9]{1,3}$" }),
        Type::Hostname(wildcard) => {
            let star = if *wildcard { "(\\*\\.)?" } else { "" };
            json!({ "type": "string", "maxLength": 255, "pattern": format!("^{star}[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$") })
        }
        Type::Path => json!({ "type": "string", "maxLength": 1024, "pattern": "^/" }),
    };
    if !s.doc.is_empty() {
        out["description"] = json!(s.doc);
    }
    out
}

fn fields_schema(vocab: &Vocabulary, fields: &[Field], required: bool) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|f| (f.name.clone(), shape(vocab, &f.shape, required)))
        .collect();
    let mut out =
        json!({ "type": "object", "additionalProperties": false, "properties": properties });
    let needed: Vec<_> = fields
        .iter()
        .filter(|f| f.required && required)
        .map(|f| json!(f.name))
        .collect();
    if !needed.is_empty() {
        out["required"] = Value::Array(needed);
    }
    out
}
