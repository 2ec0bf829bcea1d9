//! The names that expressions of profiles see: each is defined whatever the exposure leaves out.
//!
//! Profiles rely on them, those of other authors too.

use std::collections::BTreeMap;

use edgegen::diag::catalog;
use edgegen::model::edge::Generation;

use super::{blocks, plain, run, vocabulary};

/// Names that expressions may use without asking first, as dotted paths; `[]` is the first element of a list.
const CONTRACT: &str = "
exposure.name exposure.namespace scope backendTarget sourceRanges networkPolicy dns.ttl dns.targets
tls.minVersion tls.redirectHTTP tls.redirectStatus tls.enabled tls.policy class versions
cluster.podNetworking cluster.networkPolicy cluster.loadBalancerRanges cluster.proxyPods.namespace cluster.proxyPods.labels cluster.features
waf address loadBalancer certificates
carriers[].kind carriers[].name carriers[].namespace carriers[].exists carriers[].class carriers[].tls carriers[].hosts[].host
carriers[].hosts[].wildcard carriers[].hosts[].rules[].path.type carriers[].hosts[].rules[].path.value carrier.kind
hosts[].name hosts[].wildcard hosts[].inBase
listeners[].name listeners[].protocol listeners[].port listeners[].role listeners[].hostname listeners[].wildcard listeners[].host
routes[].name routes[].kind routes[].exists routes[].namespace routes[].hostnames routes[].carrier.kind routes[].carrier.name routes[].carrier.namespace
routes[].rules[].rewrite routes[].rules[].backend.service routes[].rules[].backend.port routes[].rules[].backend.portName
routes[].rules[].backend.byName routes[].rules[].written routes[].rules[].name routes[].rules[].index
backends[].service backends[].namespace backends[].type backends[].headless backends[].class backends[].externalTrafficPolicy
backends[].ipFamilies backends[].nodePorts backends[].ports[].nodePort backends[].exists backends[].selector backends[].isolated
backends[].ports[].name backends[].ports[].port backends[].ports[].targetPort backends[].ports[].targetName backends[].ports[].protocol
backends[].ports[].appProtocol backends[].allPorts[].port backends[].workload backends[].readiness backends[].protocol
backends[].healthCheck.path backends[].healthCheck.port backends[].healthCheck.protocol backends[].healthCheck.host
backends[].healthCheck.interval backends[].healthCheck.timeout backends[].healthCheck.healthyThreshold
backends[].healthCheck.unhealthyThreshold backends[].healthCheck.successCodes backends[].timeouts.request backends[].timeouts.idle
backends[].drain backends[].affinity.type backends[].affinity.cookieName backends[].affinity.ttl
streams base.kinds base.gatewayClass base.networkPolicies base.namespace
";

fn small(spec: &str, environment: Option<&str>) -> BTreeMap<String, String> {
    let base = "kind: Service\napiVersion: v1\nmetadata: { name: shop, namespace: store }\nspec: { ports: [{ port: 80 }] }\n";
    let routes = "  routes: [{ rules: [{ backendRefs: [{ name: shop, port: 80 }] }] }]\n";
    let exposure = format!(
        "kind: Exposure\nmetadata: {{ name: shop }}\nspec:\n  base: base\n  scope: Public\n{routes}{spec}"
    );
    let mut files = BTreeMap::from([
        ("exposure.yaml".to_owned(), exposure),
        ("base/app.yaml".to_owned(), base.to_owned()),
    ]);
    files.extend(environment.map(|e| {
        (
            "environment.yaml".to_owned(),
            format!("metadata: {{ name: prod }}\nspec:\n  target: t\n{e}"),
        )
    }));
    files
}

#[test]
fn every_name_of_the_contract_is_defined_without_any_setting() {
    let context = run(
        &small("  hostnames: [{ name: a.example.com }]\n", None),
        Generation::Gateway,
        "t",
    )
    .clean()
    .context();
    for path in CONTRACT.split_whitespace() {
        let mut at = context.clone();
        for step in path.split('.') {
            let (key, first) = step.strip_suffix("[]").map_or((step, false), |k| (k, true));
            let below = at
                .get(key)
                .unwrap_or_else(|| panic!("`{path}`: no `{key}`"))
                .clone();
            at = if first {
                below
                    .items()
                    .first()
                    .unwrap_or_else(|| panic!("`{path}`: `{key}` is empty"))
                    .clone()
            } else {
                below
            };
        }
    }
}

#[test]
fn the_context_merges_bindings_and_chooses_listeners() {
    let spec = "  hostnames: [{ name: a.example.com }]\n  waf: edge\n  loadBalancer: shared\n  tls: { certificates: [{ name: main }], redirectHTTP: true }\n";
    let environment = "  class: platform\n  policies: { waf: { edge: { arn: example } } }\n  loadBalancers: { shared: { group: g } }\n  certificates: { main: { secret: { name: s } } }\n";
    let context = run(&small(spec, Some(environment)), Generation::Ingress, "t")
        .clean()
        .context();
    let at = |path: &str| plain(context.find(path).unwrap_or_else(|| panic!("`{path}`")));
    assert_eq!(at("waf"), "{name: edge, arn: example}");
    assert_eq!(at("loadBalancer"), "{name: shared, group: g}");
    assert_eq!(
        at("certificates"),
        "[{name: main, hosts: [a.example.com], source: secret, secret: {name: s}}]"
    );
    assert_eq!(at("tls"), "{redirectHTTP: true, enabled: true}");
    assert_eq!(at("class"), "platform");
    let ports: Vec<String> = context
        .find("listeners")
        .expect("listeners")
        .items()
        .iter()
        .map(plain)
        .collect();
    assert_eq!(
        ports,
        [
            "{name: http, protocol: HTTP, port: 80, role: Redirect, wildcard: false}",
            "{name: https, protocol: HTTPS, port: 443, role: Serve, wildcard: false}"
        ]
    );
}

#[test]
fn labels_keep_the_place_in_the_exposure_first_and_the_base_second() {
    let (files, _) = blocks(catalog::page("EG2201").expect("a page"));
    let outcome = run(&files, Generation::Ingress, "t");
    let names: Vec<&str> = outcome.found[0]
        .labels
        .iter()
        .map(|l| outcome.sources.get(l.span.source).name.as_str())
        .collect();
    assert_eq!(names, ["exposure.yaml", "base/app.yaml"]);
}

#[test]
fn every_backend_field_of_the_vocabulary_is_defined_without_any_setting() {
    let context = run(&small("", None), Generation::Gateway, "t")
        .clean()
        .context();
    let backend = context.find("backends").expect("backends").items()[0].clone();
    for leaf in vocabulary().leaves() {
        let Some(path) = leaf
            .path
            .strip_prefix("backends.")
            .filter(|p| *p != "service")
        else {
            continue;
        };
        let found = path.split('.').try_fold(&backend, |at, key| at.get(key));
        assert!(found.is_some(), "`{path}` is missing in the empty backend");
    }
}
