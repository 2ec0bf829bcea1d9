//! Names that the environment gives a meaning: certificates, policies, addresses, shared balancers.
//!
//! A certificate may also be the Secret that the base has for TLS; everything else exists only where the platform says so.

use std::sync::Arc;

use super::index::Index;
use super::messages;
use super::raw::Source;
use crate::diag::Diagnostics;
use crate::model::edge::{At, Certificate, Host, hosts_for};
use crate::model::val::Val;
use crate::vocab::blank::Blank;

/// A Secret that the base uses for TLS.
struct BaseSecret {
    name: At<String>,
    namespace: Option<String>,
    hosts: Vec<String>,
}

/// Checks the names that fields refer to, those of settings of backends too.
pub(crate) fn check(spec: &Val, env: &Val, blank: &Blank, diags: &mut Diagnostics) {
    for (field, key) in &blank.binds {
        name(spec, field, field, key, env, diags);
    }
    let backends = spec.find("backends").map_or(&[][..], |b| b.items());
    for (field, key) in &blank.backend_binds {
        let full = format!("backends.{field}");
        for backend in backends {
            name(backend, field, &full, key, env, diags);
        }
    }
    if let (Some(policy), Some(version)) = (spec.find("tls.policy"), spec.find("tls.minVersion")) {
        diags.push(messages::policy_and_version(policy, version));
    }
}

fn name(at: &Val, field: &str, shown: &str, key: &str, env: &Val, diags: &mut Diagnostics) {
    let Some((value, name)) = at.find(field).and_then(|v| Some((v, v.as_str()?))) else {
        return;
    };
    let bound = env.find(key).cloned().unwrap_or_else(Val::null);
    if bound.get(name).is_none() {
        let known: Vec<&str> = bound.entries().map(|(k, _)| &**k).collect();
        diags.push(messages::unknown_binding(
            shown, key, name, value.span, &known, bound.span,
        ));
    }
}

/// The certificates of the exposure, or those of the base where it names none.
pub(crate) fn certificates(
    spec: &Val,
    env: &Val,
    sources: &[Source<'_>],
    index: &Index<'_>,
    hosts: &[Host],
    namespace: Option<&str>,
    diags: &mut Diagnostics,
) -> Vec<Certificate> {
    let secrets = secrets(sources, index, namespace);
    let all = || {
        hosts
            .iter()
            .filter(|h| !h.name.value.is_empty())
            .map(|h| h.name.value.clone())
            .collect::<Vec<_>>()
    };
    let bound = env.find("certificates");
    let listed = spec.find("tls.certificates").map_or(&[][..], |c| c.items());
    let mut out = Vec::new();
    for entry in listed {
        let Some((name, span)) = entry
            .find("name")
            .and_then(|n| Some((n.as_str()?.to_owned(), n.span)))
        else {
            continue;
        };
        let stated: Vec<&Arc<Val>> = entry
            .find("hosts")
            .map_or(&[][..], |h| h.items())
            .iter()
            .collect();
        for host in &stated {
            if let Some(h) = host.as_str().filter(|h| {
                !hosts.iter().any(|k| k.name.value == **h)
                    && hosts_for(hosts, &[(*h).to_owned()]).is_empty()
            }) {
                diags.push(messages::certificate_for_unknown_host(h, host.span, &all()));
            }
        }
        let own: Vec<String> = stated
            .iter()
            .filter_map(|h| h.as_str().map(str::to_owned))
            .collect();
        let cert_hosts = if own.is_empty() { all() } else { own };
        let binding = match bound.and_then(|b| b.get(&name)) {
            Some(binding) => binding.clone(),
            None => {
                if let Some(secret) = secret_for(&secrets, &name, &cert_hosts, hosts) {
                    secret_binding(secret)
                } else {
                    let known: Vec<&str> = bound
                        .into_iter()
                        .flat_map(|b| b.entries())
                        .map(|(k, _)| &**k)
                        .collect();
                    diags.push(messages::unbound_certificate(
                        &name,
                        span,
                        &known,
                        bound.and_then(|b| b.span),
                    ));
                    Val::null()
                }
            }
        };
        let place = |host: &str| {
            stated
                .iter()
                .find(|v| v.as_str() == Some(host))
                .and_then(|v| v.span)
        };
        out.push(Certificate {
            name: At { value: name, span },
            hosts: cert_hosts
                .into_iter()
                .map(|h| At {
                    span: place(&h),
                    value: h,
                })
                .collect(),
            binding,
        });
    }
    if listed.is_empty() {
        for secret in &secrets {
            let mapped: Vec<String> = hosts_for(hosts, &secret.hosts)
                .into_iter()
                .map(str::to_owned)
                .collect();
            let binding = bound
                .and_then(|b| b.get(&secret.name.value))
                .cloned()
                .unwrap_or_else(|| secret_binding(secret));
            let cert_hosts = if secret.hosts.is_empty() {
                all()
            } else {
                mapped
            };
            out.push(Certificate {
                name: secret.name.clone(),
                hosts: cert_hosts
                    .into_iter()
                    .map(|value| At { value, span: None })
                    .collect(),
                binding,
            });
        }
    }
    out
}

fn secrets(sources: &[Source<'_>], index: &Index<'_>, namespace: Option<&str>) -> Vec<BaseSecret> {
    let mut out: Vec<BaseSecret> = Vec::new();
    for source in sources {
        for tls in &source.tls {
            let Some(secret) = &tls.secret else { continue };
            let own = tls
                .namespace
                .clone()
                .or_else(|| source.object.id.namespace.clone())
                .or_else(|| namespace.map(str::to_owned));
            let name = index
                .get("Secret", &secret.value, own.as_deref())
                .map_or_else(|| secret.value.clone(), |o| o.id.name.clone());
            match out
                .iter_mut()
                .find(|s| s.name.value == name && s.namespace == own)
            {
                Some(known) if known.hosts.is_empty() => {}
                Some(known) if tls.hosts.is_empty() => known.hosts.clear(),
                Some(known) => known.hosts.extend(tls.hosts.iter().cloned()),
                None => out.push(BaseSecret {
                    name: At {
                        value: name,
                        span: secret.span,
                    },
                    namespace: own,
                    hosts: tls.hosts.clone(),
                }),
            }
        }
    }
    out
}

/// The Secret of the same name, else the first that serves one of the hosts.
fn secret_for<'s>(
    secrets: &'s [BaseSecret],
    name: &str,
    wanted: &[String],
    hosts: &[Host],
) -> Option<&'s BaseSecret> {
    let serves = |s: &&BaseSecret| {
        s.hosts.is_empty()
            || hosts_for(hosts, &s.hosts)
                .iter()
                .any(|h| wanted.iter().any(|w| w == h))
    };
    secrets
        .iter()
        .find(|s| s.name.value == name)
        .or_else(|| secrets.iter().find(serves))
        .or(match secrets {
            [only] => Some(only),
            _ => None,
        })
}

fn secret_binding(secret: &BaseSecret) -> Arc<Val> {
    let span = secret.name.span;
    let at = |text: &str| Val::at(text.into(), span);
    let namespace = secret.namespace.as_deref().map_or_else(Val::null, at);
    Val::map([(
        "secret",
        Val::map([("name", at(&secret.name.value)), ("namespace", namespace)]),
    )])
}
