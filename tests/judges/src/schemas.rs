//! CRD schemas: an object has only fields that its CRD knows, with values that the CRD takes.
//!
//! A structural schema lets unknown fields pass, because the API server prunes them in silence; every object of the schema
//! is closed first, so that a typo is an error. Rules in CEL (`x-kubernetes-validations`) are not evaluated.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::objects::documents;

/// API version and kind.
type Kind = (String, String);

/// The schemas of one folder, compiled. A kind can have several: releases of one CRD that clusters have.
pub struct Schemas {
    by_kind: BTreeMap<Kind, Vec<Validator>>,
    /// Files that could not be used, with the reason.
    pub unread: Vec<String>,
}

/// JSON Schemas that were taken from clusters name no group: folder, prefix of the file, group.
const DUMPS: &[(&str, &str, &str)] = &[
    ("agc-jsonschema", "", "alb.networking.azure.io"),
    (
        "cluster-dumps-jsonschema",
        "backendconfig",
        "cloud.google.com",
    ),
    ("cluster-dumps-jsonschema", "", "networking.gke.io"),
];

/// Names of kinds in dumps, whose file names are in lower case.
const DUMPED_KINDS: &[&str] = &[
    "ApplicationLoadBalancer",
    "BackendConfig",
    "BackendLoadBalancingPolicy",
    "BackendTLSPolicy",
    "FrontendConfig",
    "FrontendTLSPolicy",
    "GCPBackendPolicy",
    "GCPGatewayPolicy",
    "HealthCheckPolicy",
    "IngressExtension",
    "ManagedCertificate",
    "RoutePolicy",
    "WebApplicationFirewallPolicy",
];

/// The folder of schemas: `EDGEGEN_SHARED/schemas`, else `../shared/schemas` beside the repository; `None` when absent.
pub fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("EDGEGEN_SHARED")
        .map_or_else(|| crate::repository().join("../shared"), PathBuf::from);
    Some(shared.join("schemas")).filter(|folder| folder.is_dir())
}

impl Schemas {
    /// Reads and compiles every CRD and JSON Schema below a folder. Vendors' files that are no YAML are told in `unread`.
    pub fn read(folder: &Path) -> Schemas {
        let mut files = Vec::new();
        list(folder, &mut files);
        let mut schemas = Schemas {
            by_kind: BTreeMap::new(),
            unread: Vec::new(),
        };
        for file in &files {
            if let Err(e) = schemas.add_file(file) {
                let shown = file.strip_prefix(folder).unwrap_or(file);
                schemas.unread.push(format!("{}: {e}", shown.display()));
            }
        }
        schemas
    }

    fn add_file(&mut self, file: &Path) -> Result<(), String> {
        let text = || fs::read_to_string(file).map_err(|e| e.to_string());
        match file.extension().and_then(|e| e.to_str()) {
            Some("yaml") => {
                for document in documents(&text()?)? {
                    self.add_crd(&document)?;
                }
            }
            Some("json") => {
                if let Some(kind) = dumped(file) {
                    let schema = serde_json::from_str(&text()?).map_err(|e| e.to_string())?;
                    self.by_kind
                        .entry(kind)
                        .or_default()
                        .push(compile(&schema)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_crd(&mut self, document: &Value) -> Result<(), String> {
        for (kind, schema) in versions(document) {
            self.by_kind.entry(kind).or_default().push(compile(schema)?);
        }
        Ok(())
    }

    /// The schemas of one CRD document.
    pub fn of(document: &Value) -> Result<Schemas, String> {
        let mut schemas = Schemas {
            by_kind: BTreeMap::new(),
            unread: Vec::new(),
        };
        schemas.add_crd(document)?;
        Ok(schemas)
    }

    /// How many kinds have a schema.
    pub fn len(&self) -> usize {
        self.by_kind.len()
    }

    /// Whether there is no schema at all.
    pub fn is_empty(&self) -> bool {
        self.by_kind.is_empty()
    }

    /// What is wrong with an object; `None` where there is no schema for its kind. One schema of several has to take it.
    pub fn check(&self, object: &Value) -> Option<Vec<String>> {
        let text = |key: &str| {
            object
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let schemas = self.by_kind.get(&(text("apiVersion"), text("kind")))?;
        let faults = |schema: &Validator| -> Vec<String> {
            schema
                .iter_errors(object)
                .map(|e| format!("{}: {e}", e.instance_path()))
                .collect()
        };
        let found: Vec<Vec<String>> = schemas.iter().map(faults).collect();
        found.into_iter().min_by_key(Vec::len)
    }
}

/// The versions that a CRD document has; empty for other documents.
fn versions(document: &Value) -> Vec<(Kind, &Value)> {
    if document.get("kind").and_then(Value::as_str) != Some("CustomResourceDefinition") {
        return Vec::new();
    }
    let text = |pointer: &str| {
        document
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (group, kind) = (text("/spec/group"), text("/spec/names/kind"));
    let old = document.pointer("/spec/validation/openAPIV3Schema");
    let list = document.pointer("/spec/versions").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|version| {
            let schema = version.pointer("/schema/openAPIV3Schema").or(old)?;
            let name = version.get("name")?.as_str()?;
            Some(((format!("{group}/{name}"), kind.to_owned()), schema))
        })
        .collect()
}

/// The kind that a JSON Schema file is for.
fn dumped(file: &Path) -> Option<Kind> {
    let folder = file.parent()?.file_name()?.to_str()?;
    let (lower, version) = file.file_stem()?.to_str()?.rsplit_once('_')?;
    let (_, _, group) = DUMPS
        .iter()
        .find(|(f, prefix, _)| *f == folder && lower.starts_with(prefix))?;
    let kind = DUMPED_KINDS
        .iter()
        .find(|kind| kind.to_lowercase() == lower)?;
    Some((format!("{group}/{version}"), (*kind).to_owned()))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for path in entries {
        // The standard channel judges; its experimental twin would let fields pass that most clusters do not have.
        if path.is_dir() && !path.ends_with("experimental") {
            list(&path, files);
        } else if path.is_file() {
            files.push(path);
        }
    }
}

fn compile(schema: &Value) -> Result<Validator, String> {
    let mut closed = schema.clone();
    close(&mut closed);
    // `metadata` is the API server's, and often no more than `type: object`; the structs judge it.
    if let Some(properties) = closed.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("metadata".to_owned(), json!({"type": "object"}));
        properties.insert("apiVersion".to_owned(), json!({"type": "string"}));
        properties.insert("kind".to_owned(), json!({"type": "string"}));
    }
    jsonschema::draft202012::new(&closed).map_err(|e| format!("the schema does not compile: {e}"))
}

/// Closes every object that lists its properties, and writes the words that are `OpenAPI`'s own as JSON Schema.
fn close(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    let flag = |map: &Map<String, Value>, key: &str| map.get(key) == Some(&Value::Bool(true));
    if map.contains_key("properties")
        && !map.contains_key("additionalProperties")
        && !flag(map, "x-kubernetes-preserve-unknown-fields")
    {
        map.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    if flag(map, "x-kubernetes-int-or-string") {
        map.insert("type".to_owned(), json!(["integer", "string"]));
        map.remove("anyOf");
    }
    if flag(map, "nullable")
        && let Some(one @ Value::String(_)) = map.get("type").cloned()
    {
        map.insert("type".to_owned(), json!([one, "null"]));
    }
    // Go's formats (`int32`, `duration`) are not JSON Schema's.
    map.remove("format");
    for (key, value) in map.iter_mut() {
        match (key.as_str(), value) {
            // In a combination, an object lists only what it adds: it stays open.
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(close),
            ("items" | "additionalProperties", value) => close(value),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crd() -> Value {
        json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {
            "group": "example.com", "names": {"kind": "Probe"}, "versions": [{"name": "v1", "schema": {"openAPIV3Schema": {
                "type": "object",
                "properties": {
                    "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
                    "spec": {"type": "object", "required": ["port"], "properties": {
                        "port": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true},
                        "checks": {"type": "array", "items": {"type": "object", "properties": {
                            "interval": {"type": "integer", "format": "int32", "minimum": 1}}}},
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                        "raw": {"type": "object", "x-kubernetes-preserve-unknown-fields": true,
                                "properties": {"a": {"type": "string"}}},
                        "gone": {"type": "string", "nullable": true}}}}}}}]}})
    }

    fn check(spec: &Value) -> Vec<String> {
        let object = json!({"apiVersion": "example.com/v1", "kind": "Probe",
                            "metadata": {"name": "a", "labels": {"b": "c"}}, "spec": spec});
        Schemas::of(&crd()).unwrap().check(&object).unwrap()
    }

    #[test]
    fn a_sound_object_passes() {
        let spec = json!({"port": "http", "checks": [{"interval": 5}], "labels": {"any": "thing"},
                          "raw": {"b": 1}, "gone": null});
        assert_eq!(check(&spec), Vec::<String>::new());
        assert_eq!(check(&json!({"port": 80})), Vec::<String>::new());
    }

    #[test]
    fn planted_faults_are_found() {
        for (spec, at) in [
            (json!({"port": 80, "prot": 81}), "/spec:"),
            (
                json!({"port": 80, "checks": [{"intervall": 5}]}),
                "/spec/checks/0:",
            ),
            (
                json!({"port": 80, "checks": [{"interval": "5"}]}),
                "/spec/checks/0/interval:",
            ),
            (
                json!({"port": 80, "checks": [{"interval": 0}]}),
                "/spec/checks/0/interval:",
            ),
            (json!({"port": true}), "/spec/port:"),
            (json!({"port": 80, "labels": {"a": 1}}), "/spec/labels/a:"),
            (json!({}), "/spec:"),
        ] {
            let found = check(&spec);
            assert!(found.iter().any(|f| f.starts_with(at)), "{spec}: {found:?}");
        }
    }

    #[test]
    fn a_kind_without_a_schema_is_not_judged() {
        let object = json!({"apiVersion": "example.com/v2", "kind": "Probe"});
        assert!(Schemas::of(&crd()).unwrap().check(&object).is_none());
    }
}
