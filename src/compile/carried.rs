//! Whether a target carries what an exposure is of: routes or streams, and which protocols.
//!
//! Known from the heads of the profiles alone, so that the message can name the targets that do.

use super::messages;
use crate::diag::Diagnostics;
use crate::model::edge::Edge;
use crate::profile::Profile;
use crate::profile::head::Head;
use crate::profile::store::Store;

/// Reports an exposure that the target cannot carry as a whole.
pub(super) fn check(edge: &Edge, profile: &Profile, store: &Store, diags: &mut Diagnostics) {
    let head = &profile.head;
    let clouds = |fits: &dyn Fn(&Head) -> bool| -> Vec<&str> {
        let all = store.heads.iter().filter(|h| h.is_target() && fits(h));
        let (own, others): (Vec<_>, Vec<_>) = all.partition(|h| h.cloud == head.cloud);
        own.into_iter()
            .chain(others)
            .map(|h| h.id.as_str())
            .collect()
    };
    if edge.streams.is_empty() && !head.carries_routes() {
        let others = clouds(&Head::carries_routes);
        let span = edge.routes.first().and_then(|r| r.span);
        diags.push(messages::no_routes_there(&head.id, span, &others));
    }
    let mut told: Vec<&str> = Vec::new();
    for stream in &edge.streams {
        let protocol = stream.protocol.value.as_str();
        if !head.streams.iter().any(|p| p == protocol) && !told.contains(&protocol) {
            told.push(protocol);
            let others = clouds(&|h| h.streams.iter().any(|p| p == protocol));
            diags.push(messages::no_stream_there(
                &head.id,
                protocol,
                stream.protocol.span,
                head.no_streams.get(protocol).map(String::as_str),
                &others,
            ));
        }
    }
}
