#!/usr/bin/env bash
# The second step of the Action: renders or verifies, and says what the change means against the base of the pull request.
# The comment, the annotations, the summary of the job and SARIF are all made of this one run.
#
# In: EDGEGEN (the program), EDGEGEN_RUN, EDGEGEN_FILES, EDGEGEN_RECURSIVE, EDGEGEN_ENVIRONMENTS, EDGEGEN_TARGETS,
#     EDGEGEN_CLOUDS, EDGEGEN_PROFILES, EDGEGEN_OUT, EDGEGEN_BASE_REV, EDGEGEN_DENY, EDGEGEN_ALLOW_REPLACE,
#     RUNNER_TEMP, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY, GITHUB_EVENT_PATH
# Out: diff, sarif (paths), changed, drift, denied, failed (true or false)
set -euo pipefail

fail() {
  printf '::error title=edgegen::%s\n' "$*"
  exit 1
}

# What a file of the pull request says must not reach the runner as a command.
quoted() {
  local token
  token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
  printf '::stop-commands::%s\n' "$token"
  cat
  printf '::%s::\n' "$token"
}

inputs=()
# option OPTION VALUES: one argument for each line that is not empty; `=` keeps a value from being an option.
option() {
  local line
  while IFS= read -r line; do
    [ -z "$line" ] || inputs+=("$1=$line")
  done <<< "${2:-}"
}
flag() {
  case "${2:-false}" in
    true) inputs+=("$1") ;;
    false) ;;
    *) fail "the input for $1 is true or false" ;;
  esac
}
option --file "${EDGEGEN_FILES:-}"
option --env "${EDGEGEN_ENVIRONMENTS:-}"
option --target "${EDGEGEN_TARGETS:-}"
option --cloud "${EDGEGEN_CLOUDS:-}"
option --profiles "${EDGEGEN_PROFILES:-}"
option --out "${EDGEGEN_OUT:-}"
flag --recursive "${EDGEGEN_RECURSIVE:-}"

work=$(mktemp -d "$RUNNER_TEMP/edgegen-review.XXXXXX")
sarif=$work/findings.sarif
: > "$work/findings.txt"

# Renders or verifies; findings become annotations, SARIF and lines for the comment.
run=${EDGEGEN_RUN:-verify}
arguments=("$run" "${inputs[@]}" --message-format=github "--report=sarif=$sarif" "--report=short=$work/findings.txt")
case "$run" in
  verify) ;;
  render) [ "${EDGEGEN_ALLOW_REPLACE:-false}" = false ] || arguments+=(--allow-replace) ;;
  *) fail "the input run is verify or render, not $run" ;;
esac
code=0
"$EDGEGEN" "${arguments[@]}" > "$work/run.txt" || code=$?
[ ! -s "$work/run.txt" ] || quoted < "$work/run.txt"
case "$code" in
  0 | 1) ;;
  *) fail "edgegen $run ended with exit code $code" ;;
esac
drift=false failed=false
if [ "$code" = 1 ]; then
  # A difference is on standard output, an error is not.
  if [ -s "$work/run.txt" ]; then
    drift=true
    printf '::error title=edgegen verify::the committed overlays are not what the exposures give; run edgegen render and commit\n'
  else
    failed=true
  fi
fi

# The revision to compare with: what is given, else the base of the pull request, else what was there before the push.
base=${EDGEGEN_BASE_REV:-}
if [ -z "$base" ] && [ -f "${GITHUB_EVENT_PATH:-}" ]; then
  base=$(jq -r '.pull_request.base.sha // .merge_group.base_sha // .before // empty' "$GITHUB_EVENT_PATH")
  # A new branch was nothing before.
  [[ $base =~ ^0+$ ]] && base=
  if [ -n "$base" ] && ! git cat-file -e "$base^{commit}" 2> /dev/null; then
    git fetch --quiet --no-tags --depth=1 origin "$base" ||
      fail "cannot fetch the revision $base; check out with fetch-depth: 0 or give base-rev"
  fi
fi

diff=$work/diff.md changed=false denied=false
if [ "$failed" = true ]; then
  {
    printf '**edgegen**: errors, nothing was rendered.\n\n'
    sed 's/^/    /' "$work/findings.txt"
  } > "$diff"
elif [ -n "$base" ]; then
  arguments=(diff "${inputs[@]}" "--base-rev=$base" --message-format=short)
  while IFS= read -r word; do
    [ -z "$word" ] || arguments+=("--deny=$word")
  done <<< "${EDGEGEN_DENY:-}"
  code=0
  "$EDGEGEN" "${arguments[@]}" --as=markdown > "$diff" 2> "$work/diff.err" || code=$?
  # Findings were shown above; what diff itself has to say was not.
  if [ ! -s "$diff" ]; then
    quoted < "$work/diff.err"
    fail "edgegen diff ended with exit code $code"
  fi
  [ "$code" = 0 ] || denied=true
  "$EDGEGEN" "${arguments[@]}" --as=json 2> /dev/null > "$work/diff.json" || [ "$denied" = true ]
  [ "$(jq '.overlays | length' "$work/diff.json")" = 0 ] || changed=true
  if [ "$denied" = true ]; then
    printf '::error title=edgegen diff::the change is denied (%s); the summary says why\n' "$(tr '\n' ' ' <<< "$EDGEGEN_DENY")"
  fi
else
  printf '**edgegen**: no revision to compare with.\n' > "$diff"
fi
if [ "$drift" = true ]; then
  cat >> "$diff" << "END"

The committed overlays are not what the exposures give: run `edgegen render` and commit.
END
fi
cat "$diff" >> "$GITHUB_STEP_SUMMARY"

{
  printf 'diff=%s\n' "$diff"
  printf 'sarif=%s\n' "$sarif"
  printf 'changed=%s\n' "$changed"
  printf 'drift=%s\n' "$drift"
  printf 'denied=%s\n' "$denied"
  printf 'failed=%s\n' "$failed"
} >> "$GITHUB_OUTPUT"
