#!/bin/sh
# Runs one fuzz target for some seconds at the lowest priority and goes on after a crash, with what was learned so far.
# It is here because runs of many minutes must use the same seeds, dictionary and limits every time.
# usage: fuzz/run.sh TARGET SECONDS
set -eu
target=$1
seconds=$2
cd "$(dirname "$0")"
# There is no unsafe code to watch, so no sanitizer.
cargo +nightly fuzz build -s none --target-dir target "$target"
cargo run --quiet --example seeds
mkdir -p "artifacts/$target" target/runs
# A copy, so that a build in the meantime changes nothing.
cp "target/x86_64-unknown-linux-gnu/release/$target" "target/runs/$target"
end=$(($(date +%s) + seconds))
while left=$((end - $(date +%s))) && [ "$left" -gt 0 ]; do
    # Ends early at a finding, which is kept under artifacts/. Time is that of the clock, and the lowest priority gets little of it.
    nice -n 19 "target/runs/$target" -max_total_time="$left" -timeout=120 -report_slow_units=30 -rss_limit_mb=1024 \
        -max_len=16384 -dict=words.dict -artifact_prefix="artifacts/$target/" "corpus/$target" || true
done >>"target/runs/$target.log" 2>&1
tail -n 3 "target/runs/$target.log"
ls "artifacts/$target"
