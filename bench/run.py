#!/usr/bin/env python3
"""Renders 1 to 10,000 exposures to four targets and prints time, memory and cost, next to `kustomize build`.

    cargo build --release --bins --example floor
    bench/run.py [--edgegen FILE] [--floor FILE] [--kustomize FILE] [--counts 1,10,100] [--runs N]

See README.md for what the columns mean.
"""
import argparse
import os
import pathlib
import shutil
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
    """Runs a command; gives its seconds, those that processors spent on it, and its peak memory in KiB; None for the last two where
    GNU time is not there to tell."""
    told = pathlib.Path(f"{log}.told")
    # What the kernel tells of a direct child counts this interpreter's own memory before the exec.
    wrapped = [GNU_TIME, "-f", "%U %S %M", "-o", told, *command] if GNU_TIME else command
    with open(log, "wb") as output:
        start = time.perf_counter()
        code = subprocess.run(wrapped, stdout=output, stderr=subprocess.STDOUT).returncode
        seconds = time.perf_counter() - start
    if code != 0:
        sys.stderr.write(pathlib.Path(log).read_text(errors="replace")[:4000])
        sys.exit(f"exit code {code}: {' '.join(map(str, command))}")
    if not GNU_TIME:
        return seconds, None, None
    user, system, peak = told.read_text().split()
    return seconds, float(user) + float(system), int(peak)


def files(folder):
    return [pathlib.Path(top) / name for top, _, names in os.walk(folder) for name in names]


def floor(program, work, out, runs):
    """Seconds to read and parse every input and write every output anew, as `floor.rs` measures them, and those of processors."""
    found = []
    for number in range(runs):
        inputs = [work / "apps", work / "exposures", work / "environments"]
        command = [program, *inputs, "--outputs", out, "--to", work / f"floor-{number}"]
        seconds, spent = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        found.append((float(seconds), None if spent == "-" else float(spent)))
    return min(found)


def find_kustomize():
    tools = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "ci-tools/bin"
    installed = sorted(tools.glob("kustomize-*"))
    return str(installed[-1]) if installed else shutil.which("kustomize")


def row(count, edgegen, least, kustomize, runs, place):
    """Measures one count; gives the cells of its row."""
    work = place / str(count)
    log = place / "log.txt"
    generate.generate(count, work)
    command = [edgegen, "render", "-f", work / "exposures", "-f", work / "environments"]
    fresh, spent, peaks = [], [], []
    for number in range(runs):
        # A folder that was there before would make this a run that writes little.
        seconds, processors, peak = run([*command, "-o", work / f"out-{number}"], log)
        fresh.append(seconds)
        spent.append(processors)
        peaks.append(peak)
    out = work / "out-0"
    again = min(run([*command, "-o", out], log)[0] for _ in range(runs))
    overlays = sorted(path.parent for path in files(out) if path.name == "kustomization.yaml")
    bottom, bottom_spent = floor(least, work, out, runs)
    # Whatever else the machine does makes a run longer and never shorter.
    seconds = min(fresh)
    cells = [
        f"{count}",
        f"{len(overlays)}",
        f"{seconds * 1000:.1f} ms",
        f"{again * 1000:.1f} ms",
        f"{min(spent) * 1000:.0f} ms" if GNU_TIME else "-",
        f"{max(peaks) / 1024:.1f} MiB" if GNU_TIME else "-",
        f"{seconds / count * 1e6:.0f} us",
        f"{bottom * 1000:.1f} ms",
        f"{seconds / bottom:.1f}x",
        f"{min(spent) / bottom_spent:.1f}x" if GNU_TIME and bottom_spent else "-",
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
    parser.add_argument("--floor", default=str(ROOT / "target/release/examples/floor"))
    parser.add_argument("--kustomize", default=find_kustomize())
    parser.add_argument("--counts", default="1,10,100,1000,10000")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    for program in (arguments.edgegen, arguments.floor):
        if not os.access(program, os.X_OK):
            sys.exit(f"{program} is not there: run `cargo build --release --bins --example floor`")
    if arguments.kustomize is None:
        print("no kustomize: `.ci/run` installs it; its columns stay empty")
    titles = [
        "exposures", "overlays", "render", "again", "cpu", "peak", "per exposure", "floor", "by floor", "cpu by floor", "kustomize", "ratio",
    ]
    widths = [9, 8, 10, 10, 10, 10, 12, 10, 8, 12, 20, 7]
    show = lambda cells: print("  ".join(cell.rjust(width) for cell, width in zip(cells, widths)), flush=True)
    show(titles)
    for count in map(int, arguments.counts.split(",")):
        # One count at a time on the disk: 10,000 exposures are 50,000 files, and each run adds 80,000.
        with tempfile.TemporaryDirectory(prefix="edgegen-bench-") as place:
            show(row(count, arguments.edgegen, arguments.floor, arguments.kustomize, arguments.runs, pathlib.Path(place)))


if __name__ == "__main__":
    main()
