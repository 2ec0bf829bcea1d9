//! The edge as profile expressions see it: one tree of values with fixed names.
//!
//! The contract between resolver and profiles. Every optional field is there, as null or an empty list, so that an undefined name is a mistake in a profile.

use std::sync::Arc;

use indexmap::IndexMap;

use super::edge::{Backend, Carrier, Certificate, Edge, Host, Route, hosts_for, kept_names};
use super::name::{Name, Named};
use super::val::{Data, Val};
use crate::source::Span;

mod backend;
mod end;
pub(crate) mod shape;

use backend::backend;
use shape::{blank, fill};

type Map = Named<Arc<Val>>;

fn map<const N: usize>(entries: [(&'static str, Arc<Val>); N]) -> Arc<Val> {
    Val::map(entries)
}

fn text(value: &str) -> Arc<Val> {
    Val::text(value)
}

fn text_at(value: &str, span: Option<Span>) -> Arc<Val> {
    Val::at(Data::from(value), span)
}

fn optional(value: Option<&str>) -> Arc<Val> {
    value.map_or_else(Val::null, text)
}

fn int(value: i64) -> Arc<Val> {
    Val::new(Data::Int(value))
}

fn flag(value: bool) -> Arc<Val> {
    Val::new(Data::Bool(value))
}

fn texts<'t>(values: impl IntoIterator<Item = &'t str>) -> Arc<Val> {
    Val::list(values.into_iter().map(text))
}

impl Edge {
    /// The tree that profile expressions are evaluated in.
    pub fn context(&self) -> Arc<Val> {
        let enabled =
            !self.certificates.is_empty() || self.carriers.iter().any(|c| !c.tls.is_empty());
        let rules: Vec<Vec<Arc<Val>>> = self
            .routes
            .iter()
            .map(|r| {
                r.rules
                    .iter()
                    .enumerate()
                    .map(|(i, r)| self.rule(i, r))
                    .collect()
            })
            .collect();
        let carriers: Vec<Arc<Val>> = self
            .carriers
            .iter()
            .enumerate()
            .map(|(at, c)| self.carrier(at, c, &rules))
            .collect();
        let mut out = Map::default();
        for (key, value) in self.written().entries() {
            out.insert(key.clone(), value.clone());
        }
        let mut put = |key: &'static str, value: Arc<Val>| {
            out.insert(key.into(), value);
        };
        let namespace = optional(self.namespace.as_deref());
        put(
            "exposure",
            map([
                ("name", text_at(&self.name.value, self.name.span)),
                ("namespace", namespace),
            ]),
        );
        put("tls", self.tls(enabled));
        put(
            "class",
            self.env.get("class").cloned().unwrap_or_else(Val::null),
        );
        put(
            "versions",
            self.env
                .find("versions")
                .cloned()
                .unwrap_or_else(|| Val::map::<Name>([])),
        );
        put(
            "cluster",
            fill(self.env.get("cluster"), &self.blank.cluster),
        );
        put(
            "certificates",
            Val::list(self.certificates.iter().map(certificate)),
        );
        put(
            "carrier",
            carriers.first().cloned().unwrap_or_else(Val::null),
        );
        put("carriers", Val::list(carriers));
        put(
            "hosts",
            Val::list(
                self.hosts
                    .iter()
                    .filter(|h| !h.name.value.is_empty())
                    .map(host),
            ),
        );
        put(
            "listeners",
            if self.streams.is_empty() {
                self.listeners(enabled)
            } else {
                Val::list(self.streams.iter().map(Self::stream_listener))
            },
        );
        put(
            "streams",
            Val::list(self.streams.iter().map(|s| self.stream(s))),
        );
        put(
            "routes",
            Val::list(
                self.routes
                    .iter()
                    .zip(&rules)
                    .map(|(r, rules)| self.route(r, rules)),
            ),
        );
        let settings = |b: &Backend| self.resolved(b.settings.clone(), &self.blank.backend_binds);
        put(
            "backends",
            Val::list(self.backends.iter().map(|b| backend(b, &settings(b)))),
        );
        put("base", self.base());
        Val::new(Data::Map(out))
    }

    /// The fields of the exposure as written, unset ones too; a name that the environment binds is what it stands for.
    fn written(&self) -> Arc<Val> {
        let empty = &self.blank.exposure;
        let fields = empty
            .entries()
            .map(|(key, empty)| (key.clone(), fill(self.spec.get(key), empty)));
        self.resolved(Val::map(fields), &self.blank.binds)
    }

    /// A tree in which names stand for what the environment binds them to.
    fn resolved(&self, tree: Arc<Val>, binds: &[(String, String)]) -> Arc<Val> {
        binds
            .iter()
            .fold(tree, |tree, (path, key)| match tree.find(path).cloned() {
                Some(name) => replace(&tree, path, &self.bound(&name, key)),
                None => tree,
            })
    }

    fn tls(&self, enabled: bool) -> Arc<Val> {
        let written = self.written();
        let Some(written) = written.get("tls") else {
            return Val::null();
        };
        let mut out: Map = written
            .entries()
            .filter(|(k, _)| &***k != "certificates")
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        out.insert("enabled".into(), flag(enabled));
        if written.find("policy").is_none() {
            out.insert("policy".into(), self.policy_of_version());
        }
        Val::at(Data::Map(out), written.span)
    }

    /// The first TLS policy of the environment that says it has the version that the exposure asks for; for targets that can only name
    /// policies.
    fn policy_of_version(&self) -> Arc<Val> {
        let wanted = self.spec.find("tls.minVersion").and_then(|v| v.as_str());
        let policies = self.env.find("policies.tls");
        let fits = |p: &Arc<Val>| p.find("minVersion").and_then(|v| v.as_str()) == wanted;
        let found = policies.and_then(|p| p.entries().find(|(_, p)| wanted.is_some() && fits(p)));
        found.map_or_else(Val::null, |(name, members)| {
            let mut out = Map::default();
            out.insert("name".into(), text(name));
            out.extend(members.entries().map(|(k, v)| (k.clone(), v.clone())));
            Val::new(Data::Map(out))
        })
    }

    /// What the environment binds a name to, with the name.
    fn bound(&self, name: &Arc<Val>, key: &str) -> Arc<Val> {
        let members = self
            .env
            .find(key)
            .zip(name.as_str())
            .and_then(|(b, n)| b.get(n));
        let mut out = Map::default();
        out.insert("name".into(), name.clone());
        out.extend(
            members
                .into_iter()
                .flat_map(|m| m.entries())
                .map(|(k, v)| (k.clone(), v.clone())),
        );
        Val::at(Data::Map(out), name.span)
    }

    fn carrier(&self, at: usize, carrier: &Carrier, rules: &[Vec<Arc<Val>>]) -> Arc<Val> {
        let mut hosts: IndexMap<usize, Vec<Arc<Val>>> = IndexMap::default();
        for (route, rules) in self
            .routes
            .iter()
            .zip(rules)
            .filter(|(r, _)| r.carrier == at)
        {
            for host in &route.hosts {
                hosts
                    .entry(*host)
                    .or_default()
                    .extend(rules.iter().cloned());
            }
        }
        let hosts = hosts.into_iter().map(|(host, rules)| {
            let name = &self.hosts[host].name;
            let wildcard = flag(name.value.starts_with("*."));
            map([
                ("host", text_at(&name.value, name.span)),
                ("wildcard", wildcard),
                ("rules", Val::list(rules)),
            ])
        });
        let hosts = Val::list(hosts);
        let tls = carrier.tls.iter().map(|t| {
            let secret = t
                .secret
                .as_ref()
                .map_or_else(Val::null, |s| text_at(&s.value, s.span));
            map([
                ("hosts", texts(hosts_for(&self.hosts, &t.hosts))),
                ("secret", secret),
            ])
        });
        map([
            ("kind", text(&carrier.id.kind)),
            ("name", text_at(&carrier.id.name, carrier.span)),
            ("namespace", optional(carrier.id.namespace.as_deref())),
            ("exists", flag(carrier.exists)),
            (
                "class",
                carrier
                    .class
                    .as_ref()
                    .map_or_else(Val::null, |c| text_at(&c.value, c.span)),
            ),
            ("tls", Val::list(tls)),
            ("hosts", hosts),
            ("listenerNames", self.listener_names(carrier)),
        ])
    }

    /// Names that listeners of the base have, by `PROTOCOL/port/host` of the result, so that what refers to one still finds it.
    fn listener_names(&self, carrier: &Carrier) -> Arc<Val> {
        let mut out = Map::default();
        for (key, name) in kept_names(&carrier.listeners, &self.hosts) {
            out.entry(Name::read(&key))
                .or_insert_with(|| text_at(&name.value, name.span));
        }
        Val::new(Data::Map(out))
    }

    fn route(&self, route: &Route, rules: &[Arc<Val>]) -> Arc<Val> {
        let carrier = &self.carriers[route.carrier];
        let id = &carrier.id;
        let namespace = route
            .object
            .as_ref()
            .map_or(self.namespace.as_deref(), |o| o.namespace.as_deref());
        let names = route
            .hosts
            .iter()
            .map(|h| self.hosts[*h].name.value.as_str())
            .filter(|n| !n.is_empty());
        let carrier = map([
            ("kind", text(&id.kind)),
            ("name", text(&id.name)),
            ("namespace", optional(id.namespace.as_deref())),
            ("listenerNames", self.listener_names(carrier)),
        ]);
        map([
            ("name", text_at(&route.name, route.span)),
            ("kind", text(route.kind())),
            ("exists", flag(route.object.is_some())),
            ("namespace", optional(namespace)),
            ("hostnames", texts(names)),
            ("rules", Val::list(rules.iter().cloned())),
            ("carrier", carrier),
        ])
    }

    fn listeners(&self, enabled: bool) -> Arc<Val> {
        let redirect = self.spec.find("tls.redirectHTTP").and_then(|r| r.as_bool()) == Some(true);
        let written: Vec<(Arc<Val>, Arc<Val>)> = self
            .spec
            .find("listeners")
            .map_or(&[][..], |l| l.items())
            .iter()
            .filter_map(|l| Some((l.find("protocol")?.clone(), l.find("port")?.clone())))
            .collect();
        let ports = if written.is_empty() {
            let plain = (!enabled || redirect).then(|| (text("HTTP"), int(80)));
            let secure = enabled.then(|| (text("HTTPS"), int(443)));
            plain.into_iter().chain(secure).collect()
        } else {
            written
        };
        let count = |protocol: &str| {
            ports
                .iter()
                .filter(|(p, _)| p.as_str() == Some(protocol))
                .count()
        };
        let entry = |(protocol, port): &(Arc<Val>, Arc<Val>)| {
            let word = protocol.as_str().unwrap_or_default();
            let stem = word.to_ascii_lowercase();
            let name = if count(word) > 1 {
                format!("{stem}-{}", port.as_int().unwrap_or_default())
            } else {
                stem
            };
            let role = if word == "HTTP" && redirect {
                "Redirect"
            } else {
                "Serve"
            };
            map([
                ("name", text(&name)),
                ("protocol", protocol.clone()),
                ("port", port.clone()),
                ("role", text(role)),
                ("hostname", Val::null()),
                ("wildcard", flag(false)),
                ("host", Val::null()),
            ])
        };
        Val::list(ports.iter().map(entry))
    }

    fn base(&self) -> Arc<Val> {
        let facts = &self.base;
        let class = facts
            .gateway_class
            .as_deref()
            .map_or_else(Val::null, |name| map([("name", text(name))]));
        map([
            ("kinds", texts(facts.kinds.iter().map(String::as_str))),
            ("gatewayClass", class),
            (
                "networkPolicies",
                texts(facts.network_policies.iter().map(String::as_str)),
            ),
            ("namespace", optional(facts.namespace.as_deref())),
        ])
    }
}

/// `tree` with `value` at a dotted path that it has.
fn replace(tree: &Arc<Val>, path: &str, value: &Arc<Val>) -> Arc<Val> {
    let (head, rest) = path
        .split_once('.')
        .map_or((path, None), |(h, r)| (h, Some(r)));
    let Data::Map(map) = &tree.data else {
        return tree.clone();
    };
    let mut map = map.clone();
    if let Some(slot) = map.get_mut(head) {
        *slot = match rest {
            Some(rest) => replace(slot, rest, value),
            None => value.clone(),
        };
    }
    Val::at(Data::Map(map), tree.span)
}

fn host(host: &Host) -> Arc<Val> {
    let in_base = host
        .in_base
        .as_ref()
        .map_or_else(Val::null, |b| text_at(&b.value, b.span));
    let wildcard = flag(host.name.value.starts_with("*."));
    map([
        ("name", text_at(&host.name.value, host.name.span)),
        ("wildcard", wildcard),
        ("inBase", in_base),
    ])
}

fn certificate(cert: &Certificate) -> Arc<Val> {
    let source = cert
        .binding
        .entries()
        .find(|(_, v)| !blank(v))
        .map(|(k, _)| &**k);
    let mut out = Map::default();
    out.insert("name".into(), text_at(&cert.name.value, cert.name.span));
    out.insert(
        "hosts".into(),
        Val::list(cert.hosts.iter().map(|h| text_at(&h.value, h.span))),
    );
    out.insert("source".into(), optional(source));
    out.extend(cert.binding.entries().map(|(k, v)| (k.clone(), v.clone())));
    Val::at(Data::Map(out), cert.name.span)
}
