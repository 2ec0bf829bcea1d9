//! The settings that hold for each Service, and the checks of the workload against them.
//!
//! Environment, base and exposure may each say a part; the result is one tree for each Service, in which every leaf knows who said it.

use std::sync::Arc;

use super::backends::Backends;
use super::foreign::Readings;
use super::merge::{merge, overlap, with, without};
use super::messages;
use crate::diag::Diagnostics;
use crate::model::context::shape::blank;
use crate::model::duration::Duration;
use crate::model::edge::{At, Backend};
use crate::model::val::{Data, Val};

/// Entries of `backends` from all places, lowest first, with the Service that each is for.
pub(crate) struct Entries {
    list: Vec<(Option<String>, Arc<Val>)>,
}

impl Entries {
    /// Gathers the entries. Within one document general entries are below those for one Service.
    pub(crate) fn gather(
        defaults: &[Arc<Val>],
        readings: &Readings,
        exposure: &[Arc<Val>],
        diags: &mut Diagnostics,
    ) -> Self {
        let mut list =
            Vec::with_capacity(defaults.len() + exposure.len() + readings.backends.len());
        layer(defaults, &mut list, diags);
        list.extend(
            readings
                .backends
                .iter()
                .filter(|(s, _)| s.is_none())
                .cloned(),
        );
        list.extend(
            readings
                .backends
                .iter()
                .filter(|(s, _)| s.is_some())
                .cloned(),
        );
        layer(exposure, &mut list, diags);
        Self { list }
    }

    /// All entries as the `backends` list of a spec.
    pub(crate) fn as_list(&self) -> Arc<Val> {
        Val::list(self.list.iter().map(|(service, entry)| match service {
            Some(name) if entry.find("service").is_none() => {
                with(entry, "service", Val::text(name.as_str()))
            }
            _ => entry.clone(),
        }))
    }

    /// What holds for one Service.
    fn of(&self, service: &str, written: &str, empty: &Arc<Val>) -> Arc<Val> {
        let mine = self
            .list
            .iter()
            .filter(|(s, _)| s.as_ref().is_none_or(|s| s == service || s == written));
        let all = mine.fold(empty.clone(), |low, (_, entry)| merge(&low, entry));
        without(&all, "service")
    }
}

fn layer(entries: &[Arc<Val>], out: &mut Vec<(Option<String>, Arc<Val>)>, diags: &mut Diagnostics) {
    let service = |e: &Arc<Val>| {
        e.find("service")
            .and_then(|s| s.as_str())
            .map(str::to_owned)
    };
    for (i, entry) in entries.iter().enumerate() {
        for later in &entries[i + 1..] {
            if service(entry) == service(later) {
                let mut twice = Vec::new();
                let (a, b) = (without(entry, "service"), without(later, "service"));
                overlap(&a, &b, "", &mut twice);
                for (field, a, b) in twice {
                    diags.push(messages::set_twice(service(entry).as_deref(), &field, a, b));
                }
            }
        }
    }
    for specific in [false, true] {
        out.extend(
            entries
                .iter()
                .map(|e| (service(e), e.clone()))
                .filter(|(s, _)| s.is_some() == specific),
        );
    }
}

/// Reports entries of the exposure for Services that no route leads to.
pub(crate) fn check_services(
    exposure: &[Arc<Val>],
    backends: &Backends<'_>,
    in_base: impl Fn(&str) -> bool,
    diags: &mut Diagnostics,
) {
    for entry in exposure {
        let Some(service) = entry.find("service") else {
            continue;
        };
        let (Some(name), Some(span)) = (service.as_str(), service.span) else {
            continue;
        };
        let known = backends
            .objects
            .iter()
            .any(|o| o.id.name == name || o.written.name == name);
        if !known {
            let names: Vec<&str> = backends
                .objects
                .iter()
                .map(|o| o.id.name.as_str())
                .collect();
            let name = At {
                value: name.to_owned(),
                span: Some(span),
            };
            diags.push(messages::setting_for_unknown_service(
                &name,
                &names,
                in_base(&name.value),
            ));
        }
    }
}

/// Fills in settings and workload of every backend, and checks one against the other.
pub(crate) fn apply(
    entries: &Entries,
    empty: &Arc<Val>,
    backends: &mut Backends<'_>,
    diags: &mut Diagnostics,
) {
    for (at, object) in backends.objects.iter().enumerate() {
        let settings = entries.of(&object.id.name, &object.written.name, empty);
        let backend = &mut backends.list[at];
        let serving = serving_port(backend);
        backend.workload = backends.pods[at].as_ref().map(|p| p.facts(serving));
        check(&settings, backend, diags);
        backend.settings = from_readiness(settings, backend, serving);
    }
}

fn serving_port(backend: &Backend) -> Option<i64> {
    let used = backend.used.first()?;
    backend.ports.iter().find(|p| p.port == *used)?.target_port
}

/// The path of the readiness probe, where nothing else says what to ask; a port of its own comes along.
fn from_readiness(settings: Arc<Val>, backend: &Backend, serving: Option<i64>) -> Arc<Val> {
    let Some((path, port, span)) = backend.workload.as_ref().and_then(|w| w.readiness.as_ref())
    else {
        return settings;
    };
    let speaks = |field: &str| settings.find(field).and_then(|p| p.as_str());
    let http = match speaks("healthCheck.protocol") {
        Some(p) => p.starts_with("HTTP"),
        None => speaks("protocol").is_none_or(|p| p.starts_with("HTTP")),
    };
    if !http || settings.find("healthCheck.path").is_some() {
        return settings;
    }
    let out = with(
        &settings,
        "healthCheck.path",
        Val::at(Data::from(path.as_str()), Some(*span)),
    );
    match port.filter(|p| Some(*p) != serving && settings.find("healthCheck.port").is_none()) {
        Some(port) => with(
            &out,
            "healthCheck.port",
            Val::at(Data::Int(port), Some(*span)),
        ),
        None => out,
    }
}

fn check(settings: &Arc<Val>, backend: &Backend, diags: &mut Diagnostics) {
    let duration = |field: &str| {
        let val = settings.find(field)?;
        Some((Duration::parse(val.as_str()?)?, val))
    };
    if let (Some((timeout, t)), Some((interval, i))) = (
        duration("healthCheck.timeout"),
        duration("healthCheck.interval"),
    ) && timeout > interval
    {
        diags.push(messages::timeout_over_interval(timeout, t, interval, i));
    }
    if let (Some((drain, d)), Some(workload)) = (duration("drain"), &backend.workload)
        && i64::try_from(drain.0).unwrap_or(i64::MAX) > workload.grace_period.saturating_mul(1000)
    {
        diags.push(messages::drain_over_grace(drain, d, workload));
    }
}

/// Whether the exposure says anything of network policies.
pub(crate) fn says_network_policy(spec: &Val) -> bool {
    spec.find("networkPolicy").is_some_and(|v| !blank(v))
}
