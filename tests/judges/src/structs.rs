//! Typed structs of the Kubernetes and Gateway API: an object decodes and encodes back to the same JSON.
//!
//! The structs drop what they do not know, so a misspelt field is one that did not come back.

use gateway_api::apis::standard::{
    gatewayclasses, gateways, grpcroutes, httproutes, referencegrants,
};
use k8s_openapi::api::{
    apps::v1 as apps, core::v1 as core, networking::v1 as networking, rbac::v1 as rbac,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::cilium::CiliumNetworkPolicy;
use crate::objects::differences;
use crate::policies::{self, Object};

/// What is wrong with an object; `None` where there is no struct for its kind.
pub fn check(object: &Value) -> Option<Vec<String>> {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    Some(match (text("apiVersion"), text("kind")) {
        ("v1", "Namespace") => there_and_back::<core::Namespace>(object),
        ("v1", "Service") => there_and_back::<core::Service>(object),
        ("v1", "ServiceAccount") => there_and_back::<core::ServiceAccount>(object),
        ("v1", "ConfigMap") => there_and_back::<core::ConfigMap>(object),
        ("v1", "Secret") => there_and_back::<core::Secret>(object),
        ("apps/v1", "Deployment") => there_and_back::<apps::Deployment>(object),
        ("apps/v1", "StatefulSet") => there_and_back::<apps::StatefulSet>(object),
        ("apps/v1", "DaemonSet") => there_and_back::<apps::DaemonSet>(object),
        ("networking.k8s.io/v1", "Ingress") => there_and_back::<networking::Ingress>(object),
        ("networking.k8s.io/v1", "IngressClass") => {
            there_and_back::<networking::IngressClass>(object)
        }
        ("networking.k8s.io/v1", "NetworkPolicy") => {
            there_and_back::<networking::NetworkPolicy>(object)
        }
        ("gateway.networking.k8s.io/v1", "GatewayClass") => {
            there_and_back::<gatewayclasses::GatewayClass>(object)
        }
        ("gateway.networking.k8s.io/v1", "Gateway") => there_and_back::<gateways::Gateway>(object),
        ("gateway.networking.k8s.io/v1", "GRPCRoute") => {
            there_and_back::<grpcroutes::GrpcRoute>(object)
        }
        ("gateway.networking.k8s.io/v1", "HTTPRoute") => {
            there_and_back::<httproutes::HttpRoute>(object)
        }
        ("gateway.networking.k8s.io/v1beta1", "ReferenceGrant") => {
            there_and_back::<referencegrants::ReferenceGrant>(object)
        }
        ("rbac.authorization.k8s.io/v1", "Role") => there_and_back::<rbac::Role>(object),
        ("rbac.authorization.k8s.io/v1", "RoleBinding") => {
            there_and_back::<rbac::RoleBinding>(object)
        }
        ("cilium.io/v2", "CiliumNetworkPolicy") => there_and_back::<CiliumNetworkPolicy>(object),
        ("security.istio.io/v1", "AuthorizationPolicy") => {
            there_and_back::<Object<policies::AuthorizationPolicy>>(object)
        }
        ("networking.istio.io/v1", "DestinationRule") => {
            there_and_back::<Object<policies::DestinationRule>>(object)
        }
        ("gateway.nginx.org/v1alpha1", "ProxySettingsPolicy") => {
            there_and_back::<Object<policies::ProxySettingsPolicy>>(object)
        }
        ("gateway.nginx.org/v1alpha2", "NginxProxy") => {
            there_and_back::<Object<policies::NginxProxy>>(object)
        }
        _ => return None,
    })
}

fn there_and_back<T: DeserializeOwned + Serialize>(object: &Value) -> Vec<String> {
    let typed: T = match serde_json::from_value(object.clone()) {
        Ok(typed) => typed,
        Err(e) => return vec![format!("does not decode: {e}")],
    };
    let back = serde_json::to_value(&typed).expect("API structs encode");
    let mut found = Vec::new();
    differences(object, &back, "", &mut found);
    found
        .into_iter()
        .map(|(path, was, came)| format!("{path}: {was} came back as {came}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn service(port_key: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
               "spec": {"type": "NodePort", "ports": [{"port": 80, "targetPort": "http", port_key: 30000}]}})
    }

    #[test]
    fn a_sound_object_comes_back_as_it_was() {
        assert_eq!(check(&service("nodePort")), Some(Vec::new()));
    }

    #[test]
    fn a_planted_typo_is_found() {
        assert_eq!(
            check(&service("nodeport")),
            Some(vec![
                "/spec/ports/0/nodeport: 30000 came back as nothing".to_owned()
            ])
        );
    }

    #[test]
    fn an_annotation_that_is_no_string_is_found() {
        let mut object = service("nodePort");
        object["metadata"]["annotations"] = json!({"a": true});
        assert!(check(&object).unwrap()[0].starts_with("does not decode"));
    }

    #[test]
    fn a_planted_typo_in_a_route_is_found() {
        let route = |key: &str| {
            json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "a"},
                   "spec": {"parentRefs": [{"name": "a", key: "https"}],
                            "rules": [{"backendRefs": [{"name": "a", "port": 80, "weight": 1}]}]}})
        };
        assert_eq!(check(&route("sectionName")), Some(Vec::new()));
        assert_eq!(
            check(&route("sectionname")),
            Some(vec![
                "/spec/parentRefs/0/sectionname: \"https\" came back as nothing".to_owned()
            ])
        );
    }
}
