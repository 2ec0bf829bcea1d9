#!/usr/bin/env bash
# The last step of the Action: fails where the review found drift, a denied change or errors.
# It is a step of its own, so that the comment and SARIF are written before the job ends.
set -euo pipefail

code=0
for fact in DRIFT DENIED FAILED; do
  case "${!fact:-}" in
    false) ;;
    true)
      code=1
      printf 'edgegen: %s\n' "${fact,,}"
      ;;
    # A step that did not say is no success.
    *)
      code=1
      printf 'edgegen: the review did not say whether it is %s\n' "${fact,,}"
      ;;
  esac
done
exit "$code"
