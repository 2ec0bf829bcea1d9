#!/usr/bin/env bash
# The first step of the Action: the edgegen that later steps run, a released one or one that the job already has.
# It says the path to later steps and puts its folder on their PATH.
#
# In: EDGEGEN_PATH, EDGEGEN_VERSION, ACTION_ROOT, RUNNER_TEMP, GITHUB_OUTPUT, GITHUB_PATH
set -euo pipefail

fail() {
  printf '::error title=edgegen::%s\n' "$*"
  exit 1
}

if [ -n "${EDGEGEN_PATH:-}" ]; then
  binary=$(realpath -- "$EDGEGEN_PATH") || fail "the input path names no file"
  [ -x "$binary" ] || fail "the input path names no program"
else
  version=${EDGEGEN_VERSION:-}
  # The Action is the repository at one revision, so its own version is the one that fits.
  [ -n "$version" ] || version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ACTION_ROOT/Cargo.toml" | head -n 1)
  "$ACTION_ROOT/integrations/install.sh" "$version" "$RUNNER_TEMP/edgegen/bin" || fail "edgegen was not installed"
  binary=$RUNNER_TEMP/edgegen/bin/edgegen
fi

"$binary" --version
dirname -- "$binary" >> "$GITHUB_PATH"
printf 'binary=%s\n' "$binary" >> "$GITHUB_OUTPUT"
