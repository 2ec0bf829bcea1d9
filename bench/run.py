#!/usr/bin/env python3
"""Renders 1 to 10,000 exposures to four targets and prints time, memory and cost, next to `kustomize build`.

    cargo build --release && bench/run.py [--edgegen FILE] [--kustomize FILE] [--counts 1,10,100] [--runs N]

See README.md for what the columns mean.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import generate  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Overlays that kustomize builds at most for each row; its time for all is this sample, scaled.
SAMPLE = 40
GNU_TIME = shutil.which("time")


def run(command, log):
    """Runs a command; gives its seconds and its peak memory in KiB, None where GNU time is not there to tell."""
    peak = pathlib.Path(f"{log}.peak")
    # What the kernel tells of a direct child counts this interpreter's own memory before the exec.
    wrapped = [GNU_TIME, "-f", "%M", "-o", peak, *command] if GNU_TIME else command
    with open(log, "wb") as output:
        start = time.perf_counter()
        code = subprocess.run(wrapped, stdout=output, stderr=subprocess.STDOUT).returncode
        seconds = time.perf_counter() - start
    if code != 0:
        sys.stderr.write(pathlib.Path(log).read_text(errors="replace")[:4000])
        sys.exit(f"exit code {code}: {' '.join(map(str, command))}")
    return seconds, int(peak.read_text()) if GNU_TIME else None


def files(folder):
    return [pathlib.Path(top) / name for top, _, names in os.walk(folder) for name in names]


def floor(inputs, outputs, place):
    """Seconds to read every input file and write every output file anew, without looking at a byte."""
    contents = [path.read_bytes() for path in outputs]
    place.mkdir()
    start = time.perf_counter()
    for path in inputs:
        path.read_bytes()
    for number, content in enumerate(contents):
        (place / str(number)).write_bytes(content)
    return time.perf_counter() - start


def find_kustomize():
    tools = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "ci-tools/bin"
    installed = sorted(tools.glob("kustomize-*"))
    return str(installed[-1]) if installed else shutil.which("kustomize")


def row(count, edgegen, kustomize, runs, place):
    """Measures one count; gives the cells of its row."""
    work = place / str(count)
    log = place / "log.txt"
    generate.generate(count, work)
    command = [edgegen, "render", "-f", work / "exposures", "-f", work / "environments"]
    fresh, peaks = [], []
    for number in range(runs):
        # A folder that was there before would make this a run that writes little.
        seconds, peak = run([*command, "-o", work / f"out-{number}"], log)
        fresh.append(seconds)
        peaks.append(peak)
    out = work / "out-0"
    again, _ = run([*command, "-o", out], log)
    overlays = sorted(path.parent for path in files(out) if path.name == "kustomization.yaml")
    inputs = files(work / "apps") + files(work / "exposures") + files(work / "environments")
    least = floor(inputs, files(out), work / "floor")
    seconds = statistics.median(fresh)
    cells = [
        f"{count}",
        f"{len(overlays)}",
        f"{seconds * 1000:.1f} ms",
        f"{again * 1000:.1f} ms",
        f"{max(peaks) / 1024:.1f} MiB" if GNU_TIME else "-",
        f"{seconds / count * 1e6:.0f} us",
        f"{least * 1000:.1f} ms",
    ]
    if kustomize is None or not overlays:
        return cells + ["-", "-"]
    step = max(1, len(overlays) // SAMPLE)
    sample = overlays[::step][:SAMPLE]
    built = sum(run([kustomize, "build", overlay], log)[0] for overlay in sample)
    whole = built / len(sample) * len(overlays)
    note = "" if len(sample) == len(overlays) else f" ({len(sample)} built)"
    return cells + [f"{whole:.2f} s{note}", f"{whole / seconds:.0f}x"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--edgegen", default=str(ROOT / "target/release/edgegen"))
    parser.add_argument("--kustomize", default=find_kustomize())
    parser.add_argument("--counts", default="1,10,100,1000,10000")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    if not os.access(arguments.edgegen, os.X_OK):
        sys.exit(f"{arguments.edgegen} is not there: run `cargo build --release`, or say --edgegen")
    if arguments.kustomize is None:
        print("no kustomize: `.ci/run` installs it; its columns stay empty")
    titles = ["exposures", "overlays", "render", "again", "peak", "per exposure", "I/O floor", "kustomize", "ratio"]
    widths = [9, 8, 11, 11, 11, 12, 11, 20, 7]
    show = lambda cells: print("  ".join(cell.rjust(width) for cell, width in zip(cells, widths)), flush=True)
    show(titles)
    for count in map(int, arguments.counts.split(",")):
        # One count at a time on the disk: 10,000 exposures are 50,000 files, and each run adds 80,000.
        with tempfile.TemporaryDirectory(prefix="edgegen-bench-") as place:
            show(row(count, arguments.edgegen, arguments.kustomize, arguments.runs, pathlib.Path(place)))


if __name__ == "__main__":
    main()
