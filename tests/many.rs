//! Ten thousand exposures in one run, and one exposure of five thousand paths, as a process.
//!
//! What is lost or mixed up only where there is much of it is seen in no small case, nor is memory that grows with the whole input.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test lays out its input and looks at what a process did"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

const ENVIRONMENT: &str = "apiVersion: edgegen.io/v1alpha1\nkind: Environment\nmetadata: { name: here }\nspec: { target: gateway, class: any }\n";

/// Runs edgegen in a folder: exit code, what it said, and the most memory that it had, in MiB.
fn run(args: &[&str], folder: &Path) -> (Option<i32>, String, u64) {
    let words = folder.join("words");
    let mut child = Command::new(env!("CARGO_BIN_EXE_edgegen"))
        .args(args)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(fs::File::create(&words).expect("a file"))
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        // The mark only rises, so the last look before the end has all but the last moments.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kib = mark.and_then(|m| m.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) / 1024);
        if let Some(done) = child.try_wait().expect("a process") {
            let said = fs::read_to_string(&words).expect("words");
            return (done.code(), said, peak);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

/// An application with an Ingress, and its exposure; every name in it ends in the number.
fn application(root: &Path, number: usize) -> String {
    let app = format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{ name: web-{number}, namespace: team-{number} }}\nspec:\n  ingressClassName: nginx\n  \
         rules:\n  - host: host-{number}.example.com\n    http: {{ paths: [ {{ path: /, pathType: Prefix, backend: {{ service: {{ name: app-{number}, port: {{ number: 80 }} }} }} }} ] }}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {{ name: app-{number}, namespace: team-{number} }}\nspec: {{ selector: {{ app: app-{number} }}, ports: [ {{ port: 80 }} ] }}\n"
    );
    let folder = root.join(format!("apps/{number}"));
    put(&folder.join("app.yaml"), &app);
    put(
        &folder.join("kustomization.yaml"),
        "resources: [ app.yaml ]\n",
    );
    format!(
        "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: {{ name: web-{number}, namespace: team-{number} }}\nspec:\n  base: ../apps/{number}\n  scope: Public\n---\n"
    )
}

#[test]
fn ten_thousand_exposures_are_neither_lost_nor_mixed() {
    const MANY: usize = 10_000;
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    for file in 0..100 {
        let text: String = (0..MANY / 100)
            .map(|i| application(root, file * (MANY / 100) + i))
            .collect();
        put(&root.join(format!("in/{file}.yaml")), &text);
    }
    put(&root.join("in/here.yaml"), ENVIRONMENT);
    let (code, said, peak) = run(&["render", "-f", "in", "-o", "out"], root);
    assert_eq!(
        code,
        Some(0),
        "{}",
        said.chars().take(2000).collect::<String>()
    );
    assert!(peak > 0 && peak < 800, "{peak} MiB");
    let overlays = fs::read_dir(root.join("out/here")).expect("overlays");
    assert_eq!(overlays.count(), MANY);
    for number in 0..MANY {
        let mut text = String::new();
        for file in fs::read_dir(root.join(format!("out/here/web-{number}"))).expect("an overlay") {
            text += &fs::read_to_string(file.expect("a file").path()).expect("text");
        }
        assert!(
            text.contains(&format!("host-{number}.example.com")),
            "{number}"
        );
        for stem in ["web-", "app-", "host-", "team-", "apps/"] {
            let others = text.split(stem).skip(1).filter_map(|rest| {
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                digits.parse::<usize>().ok()
            });
            assert!(
                others.into_iter().all(|n| n == number),
                "{number} holds another's {stem}\n{text}"
            );
        }
    }
}

#[test]
fn five_thousand_paths_are_all_there() {
    const PATHS: usize = 5_000;
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    let mut app = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, namespace: web }\nspec:\n  rules:\n  - host: web.example.com\n    http:\n      paths:\n".to_owned();
    for i in 0..PATHS {
        let kind = ["Prefix", "Exact"][i % 2];
        writeln!(app, "      - {{ path: /p{i}, pathType: {kind}, backend: {{ service: {{ name: app-{}, port: {{ number: 80 }} }} }} }}", i % 7).expect("text");
    }
    for i in 0..7 {
        write!(app, "---\napiVersion: v1\nkind: Service\nmetadata: {{ name: app-{i}, namespace: web }}\nspec: {{ selector: {{ app: a }}, ports: [ {{ port: 80 }} ] }}\n").expect("text");
    }
    put(&root.join("base/app.yaml"), &app);
    put(
        &root.join("base/kustomization.yaml"),
        "resources: [ app.yaml ]\n",
    );
    put(&root.join("in/here.yaml"), ENVIRONMENT);
    put(
        &root.join("in/web.yaml"),
        "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: { name: web, namespace: web }\nspec: { base: ../base, scope: Public }\n",
    );
    let (code, said, peak) = run(
        &["render", "-f", "in", "-o", "out", "--format", "stream"],
        root,
    );
    assert!(peak < 800, "{peak} MiB");
    assert_eq!(
        code,
        Some(0),
        "{}",
        said.chars().take(2000).collect::<String>()
    );
    let text: String = fs::read_dir(root.join("out/here/web"))
        .expect("a result")
        .map(|f| fs::read_to_string(f.expect("a file").path()).expect("text"))
        .collect();
    let mut seen = vec![0; PATHS];
    for rest in text.split("value: /p").skip(1) {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        seen[digits.parse::<usize>().expect("a number")] += 1;
    }
    let wrong = seen.iter().filter(|n| **n != 1).count();
    assert_eq!(wrong, 0, "paths that are not there exactly once");
}
