#!/usr/bin/env bash
# Prints what the changelog says of one version, for the page of its release.
# The page says what the repository says, word for word.
#
#   notes.sh VERSION
set -euo pipefail
cd "$(dirname "$0")/../.."

awk -v version="$1" '
  /^## / { inside = $2 == version; next }
  inside { print }
' CHANGELOG.md
