#!/usr/bin/env python3
"""Renders one exposure with 1,250 to 5,000 paths to each target and prints time and memory: both grow with the paths, not with their square.

    cargo build --release && bench/paths.py [--edgegen FILE] [--counts 1250,2500,5000] [--services N]

See README.md for what it showed.
"""
import argparse
import pathlib
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = ["aws-alb", "azure-agc", "azure-agic", "gateway", "gke-gateway", "gke-ingress", "nginx"]


def write(place, paths, services):
    """One Ingress with so many paths, half of them exact, over the services."""
    (place / "base").mkdir(parents=True)
    (place / "base/kustomization.yaml").write_text("resources: [app.yaml]\n")
    app = [
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, namespace: web }\n"
        "spec:\n  rules:\n    - host: web.example.com\n      http:\n        paths:\n"
    ]
    for number in range(paths):
        kind = "Exact" if number % 2 else "Prefix"
        app.append(
            f"          - {{ path: /p{number}, pathType: {kind}, "
            f"backend: {{ service: {{ name: web{number % services}, port: {{ number: 80 }} }} }} }}\n"
        )
    for number in range(services):
        app.append(
            f"---\napiVersion: v1\nkind: Service\nmetadata: {{ name: web{number}, namespace: web }}\n"
            f"spec: {{ selector: {{ app: web{number} }}, ports: [ {{ port: 80, targetPort: 8080 }} ] }}\n"
        )
    (place / "base/app.yaml").write_text("".join(app))
    (place / "exposure.yaml").write_text(
        "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: { name: web, namespace: web }\nspec:\n"
        "  base: base\n  scope: Public\n  hostnames: [ { name: www.example.org, inBase: web.example.com } ]\n"
        "  backends: [ { healthCheck: { path: /healthz }, timeouts: { idle: 60s } } ]\n"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edgegen", type=pathlib.Path, default=ROOT / "target/release/edgegen")
    parser.add_argument("--counts", default="1250,2500,5000")
    parser.add_argument("--services", type=int, default=20)
    args = parser.parse_args()
    counts = [int(count) for count in args.counts.split(",")]
    print("| target | " + " | ".join(f"{count:,} paths" for count in counts) + " | peak |")
    print("| --- |" + " ---: |" * (len(counts) + 1))
    with tempfile.TemporaryDirectory() as top:
        for count in counts:
            write(pathlib.Path(top) / str(count), count, args.services)
        for target in TARGETS:
            cells = []
            for count in counts:
                log = pathlib.Path(top) / "peak"
                command = [args.edgegen, "--message-format", "short", "check", "-f", f"{top}/{count}/exposure.yaml", "-t", target]
                start = resource.getrusage(resource.RUSAGE_CHILDREN)
                wrapped = ["time", "-f", "%M", "-o", log, *command]
                code = subprocess.run(wrapped, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
                end = resource.getrusage(resource.RUSAGE_CHILDREN)
                if code not in (0, 1):
                    sys.exit(f"exit code {code}: {' '.join(map(str, command))}")
                seconds = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
                cells.append(f"{seconds:.2f} s")
            # A run with findings ends with 1, and GNU time then writes a line of its own first.
            peak = int(log.read_text().split()[-1]) // 1024
            print(f"| {target} | " + " | ".join(cells) + f" | {peak} MiB |")


if __name__ == "__main__":
    main()
