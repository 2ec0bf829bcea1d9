//! The way of a request: clients, names, balancer, routes, Services, Pods, as a graph that people can look at.
//!
//! The same nodes for every target, so that two clouds can be laid side by side; drawn as Mermaid, which code hosts show, and as SVG.

use std::fmt::Write as _;

use crate::diag::render::markup;
use crate::model::edge::{Backend, Edge, PathMatch, RouteRule};

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Column, from the clients on.
    pub column: usize,
    /// Lines of text.
    pub lines: Vec<String>,
}

/// Boxes and the lines between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// What it shows.
    pub title: String,
    /// Boxes.
    pub nodes: Vec<Node>,
    /// Lines: from, to, and what is written at them.
    pub lines: Vec<(usize, usize, String)>,
}

/// More rules than these are not drawn one by one.
const MOST: usize = 40;

impl Graph {
    /// The graph of an exposure on a target. `controller` is what serves it there.
    pub fn of(edge: &Edge, exposure: &str, target: &str, controller: &str) -> Self {
        let mut out = Self {
            title: format!("{exposure} on {target}"),
            ..Self::default()
        };
        let text = |field: &str| {
            let found = edge.spec.find(field).and_then(|v| v.as_str());
            found.map(str::to_owned)
        };
        let scope = text("scope").unwrap_or_else(|| "Public".to_owned());
        let who = if scope == "Internal" {
            "connected networks"
        } else {
            "internet"
        };
        let ranges = edge
            .spec
            .find("sourceRanges")
            .map_or(0, |r| r.items().len());
        let mut clients = vec!["clients".to_owned(), who.to_owned()];
        if ranges > 0 {
            clients.push(format!("from {ranges} networks only"));
        }
        let clients = out.node(0, clients);
        let mut balancer = vec![controller.to_owned(), format!("{target}, {scope}")];
        for (field, word) in [
            ("address", "address"),
            ("waf", "firewall"),
            ("authentication.provider", "sign-in"),
            ("loadBalancer", "shared as"),
        ] {
            if let Some(name) = text(field) {
                balancer.push(format!("{word} {name}"));
            }
        }
        let balancer = out.node(2, balancer);
        let ports = listeners(edge);
        for host in &edge.hosts {
            if host.name.value.is_empty() && edge.hosts.len() > 1 {
                continue;
            }
            let name = if host.name.value.is_empty() {
                "any host"
            } else {
                host.name.value.as_str()
            };
            let dns = out.node(1, vec![name.to_owned()]);
            out.line(clients, dns, "");
            out.line(dns, balancer, &ports);
        }
        let services: Vec<usize> = edge
            .backends
            .iter()
            .map(|b| out.node(4, service(b)))
            .collect();
        for (backend, at) in edge.backends.iter().zip(&services) {
            let pods = out.node(5, pods(backend));
            let ports: Vec<String> = backend
                .ports
                .iter()
                .filter(|p| backend.used.contains(&p.port))
                .map(|p| match (p.target_port, &p.target_name) {
                    (_, Some(name)) => name.clone(),
                    (Some(number), None) => number.to_string(),
                    (None, None) => p.port.to_string(),
                })
                .collect();
            out.line(*at, pods, &ports.join(", "));
        }
        for stream in &edge.streams {
            let words = format!("{} {}", stream.protocol.value, stream.to.port);
            out.line(balancer, services[stream.to.backend], &words);
        }
        let rules: Vec<&RouteRule> = edge.routes.iter().flat_map(|r| &r.rules).collect();
        for rule in rules.iter().take(MOST) {
            let at = out.node(3, rule_lines(rule));
            out.line(balancer, at, "");
            for to in &rule.backends {
                let share = to.weight.as_ref().filter(|_| rule.backends.len() > 1);
                let share = share.map_or_else(String::new, |w| format!(", weight {}", w.value));
                let words = format!("port {}{share}", to.port);
                out.line(at, services[to.backend], &words);
            }
            if let Some(copy) = &rule.mirror {
                out.line(at, services[copy.backend], "copy");
            }
        }
        if rules.len() > MOST {
            let at = out.node(3, vec![format!("{} more rules", rules.len() - MOST)]);
            out.line(balancer, at, "");
        }
        out
    }

    /// Adds a box, or finds the one that says the same in that column.
    fn node(&mut self, column: usize, lines: Vec<String>) -> usize {
        let node = Node { column, lines };
        if let Some(at) = self.nodes.iter().position(|n| *n == node) {
            return at;
        }
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn line(&mut self, from: usize, to: usize, words: &str) {
        let line = (from, to, words.to_owned());
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    /// As Mermaid.
    pub fn mermaid(&self) -> String {
        let mut out = String::from("flowchart LR\n");
        let quoted = |lines: &[String]| {
            let safe: Vec<String> = lines.iter().map(|l| entity(l)).collect();
            safe.join("<br/>")
        };
        for (i, node) in self.nodes.iter().enumerate() {
            let (open, close) = match node.column {
                0 => ("([", "])"),
                2 => ("[[", "]]"),
                5 => ("[(", ")]"),
                _ => ("[", "]"),
            };
            let _ = writeln!(out, "  n{i}{open}\"{}\"{close}", quoted(&node.lines));
        }
        for (from, to, words) in &self.lines {
            if words.is_empty() {
                let _ = writeln!(out, "  n{from} --> n{to}");
            } else {
                let _ = writeln!(out, "  n{from} -->|\"{}\"| n{to}", entity(words));
            }
        }
        out
    }

    /// As SVG: columns from left to right, boxes of a column below each other. Colours follow the reader's light or dark setting.
    pub fn svg(&self) -> String {
        const LINE: usize = 18;
        const GAP: usize = 16;
        const LETTER: usize = 8;
        const SPACE: usize = 110;
        let columns = self
            .nodes
            .iter()
            .map(|n| n.column)
            .max()
            .map_or(0, |c| c + 1);
        let wide = |column: usize| {
            let all = self.nodes.iter().filter(|n| n.column == column);
            let most = all.flat_map(|n| &n.lines).map(|l| l.chars().count()).max();
            most.map_or(0, |m| m * LETTER + 24)
        };
        let high = |n: &Node| n.lines.len() * LINE + 14;
        let mut left = vec![GAP; columns + 1];
        for c in 0..columns {
            let w = wide(c);
            left[c + 1] = left[c] + w + if w == 0 { 0 } else { SPACE };
        }
        let total = |column: usize| -> usize {
            let all = self.nodes.iter().filter(|n| n.column == column);
            all.map(|n| high(n) + GAP).sum()
        };
        let height = (0..columns).map(total).max().unwrap_or(0) + 2 * GAP;
        let width = left[columns].saturating_sub(SPACE) + GAP;
        let mut next: Vec<usize> = (0..columns)
            .map(|c| GAP + (height - 2 * GAP - total(c)) / 2)
            .collect();
        let mut places = Vec::with_capacity(self.nodes.len());
        for n in &self.nodes {
            places.push((left[n.column], next[n.column], wide(n.column), high(n)));
            next[n.column] += high(n) + GAP;
        }
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\">\n\
             <style>.b{{fill:#f6f8fa;stroke:#57606a}}.t{{fill:#1f2328;font:13px ui-monospace,monospace}}.l{{stroke:#57606a;fill:none}}.w{{fill:#57606a;font:11px ui-monospace,monospace}}\
             @media (prefers-color-scheme:dark){{.b{{fill:#161b22;stroke:#8b949e}}.t{{fill:#e6edf3}}.l{{stroke:#8b949e}}.w{{fill:#8b949e}}}}</style>\n",
            entity(&self.title)
        );
        for (from, to, words) in &self.lines {
            let (x, y, w, h) = places[*from];
            let (x2, y2, _, h2) = places[*to];
            let (x1, y1, y2) = (x + w, y + h / 2, y2 + h2 / 2);
            let bend = usize::midpoint(x1, x2);
            let _ = writeln!(
                out,
                "<path class=\"l\" d=\"M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}\"/>"
            );
            if !words.is_empty() {
                let middle = usize::midpoint(y1, y2).saturating_sub(4);
                let _ = writeln!(
                    out,
                    "<text class=\"w\" x=\"{bend}\" y=\"{middle}\" text-anchor=\"middle\">{}</text>",
                    entity(words)
                );
            }
        }
        for (n, (x, y, w, h)) in self.nodes.iter().zip(&places) {
            let _ = writeln!(
                out,
                "<rect class=\"b\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"6\"/>"
            );
            for (i, line) in n.lines.iter().enumerate() {
                let base = y + 20 + i * LINE;
                let _ = writeln!(
                    out,
                    "<text class=\"t\" x=\"{}\" y=\"{base}\">{}</text>",
                    x + 12,
                    entity(line)
                );
            }
        }
        out.push_str("</svg>\n");
        out
    }
}

/// Text that is no markup, neither in XML nor within Mermaid's quotes, on one line.
fn entity(text: &str) -> String {
    markup(text).replace(['\n', '\r'], " ")
}

fn listeners(edge: &Edge) -> String {
    let context = edge.context();
    let list = context.find("listeners").map_or(&[][..], |l| l.items());
    let words: Vec<String> = list
        .iter()
        .filter_map(|l| {
            let redirect = l.find("role").and_then(|r| r.as_str()) == Some("Redirect");
            let word = l.find("protocol")?.as_str()?;
            let port = l.find("port")?.as_int()?;
            Some(format!(
                "{word} {port}{}",
                if redirect { " redirects" } else { "" }
            ))
        })
        .collect();
    words.join(", ")
}

fn service(backend: &Backend) -> Vec<String> {
    let mut out = vec![format!("Service {}", backend.id.name)];
    let said = |field: &str| {
        let found = backend.settings.find(field).and_then(|v| v.as_str());
        found.map(str::to_owned)
    };
    if let Some(protocol) = said("protocol") {
        out.push(protocol);
    }
    if let Some(path) = said("healthCheck.path") {
        out.push(format!("check {path}"));
    }
    if let Some(time) = said("timeouts.request") {
        out.push(format!("request {time}"));
    }
    out
}

fn pods(backend: &Backend) -> Vec<String> {
    match &backend.workload {
        Some(w) => vec![format!("{} {}", w.id.kind, w.id.name)],
        None => vec![format!("Pods of {}", backend.id.name)],
    }
}

fn rule_lines(rule: &RouteRule) -> Vec<String> {
    let path = match &rule.path.value {
        PathMatch::Prefix(p) => format!("{}/*", p.trim_end_matches('/')),
        PathMatch::Exact(p) => p.clone(),
        PathMatch::Regex(p) => format!("~ {p}"),
    };
    let mut out = vec![path];
    if let Some(method) = rule.words.get("method").and_then(|m| m.as_str()) {
        out.push(method.to_owned());
    }
    for (word, shown) in [("headers", "header"), ("queryParams", "query")] {
        for entry in rule.words.get(word).map_or(&[][..], |l| l.items()) {
            let name = entry
                .find("name")
                .and_then(|n| n.as_str())
                .unwrap_or_default();
            out.push(format!("{shown} {name}"));
        }
    }
    if let Some(rewrite) = &rule.rewrite {
        use crate::model::edge::Rewrite;
        let (Rewrite::ReplacePrefix(to) | Rewrite::ReplaceFull(to) | Rewrite::Captures(to)) =
            &rewrite.value;
        out.push(format!("becomes {to}"));
    }
    if rule.words.contains_key("requestRedirect") {
        out.push("redirect".to_owned());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Graph {
        let mut graph = Graph {
            title: "a & b".to_owned(),
            ..Graph::default()
        };
        let clients = graph.node(0, vec!["clients \"all\"".to_owned()]);
        let balancer = graph.node(2, vec!["<lb>".to_owned()]);
        graph.line(clients, balancer, "HTTPS 443");
        graph
    }

    #[test]
    fn what_users_wrote_is_no_markup() {
        let graph = small();
        assert_eq!(
            graph.mermaid(),
            "flowchart LR\n  n0([\"clients &quot;all&quot;\"])\n  n1[[\"&lt;lb&gt;\"]]\n  n0 -->|\"HTTPS 443\"| n1\n"
        );
        let svg = graph.svg();
        assert!(
            svg.contains(">&lt;lb&gt;</text>") && !svg.contains("<lb>"),
            "{svg}"
        );
    }

    #[test]
    fn the_same_box_is_drawn_once() {
        let mut graph = small();
        let again = graph.node(2, vec!["<lb>".to_owned()]);
        assert_eq!((again, graph.nodes.len()), (1, 2));
    }
}
