#!/usr/bin/env bash
# Fails where a program needs an interpreter or a shared library.
# A released program runs on whatever system there is, and in an image without one.
#
#   static.sh PROGRAM
set -euo pipefail

headers=$(readelf --program-headers --dynamic --wide "$1")
if grep -E 'INTERP|\(NEEDED\)' <<< "$headers" >&2; then
  printf '%s is not static\n' "$1" >&2
  exit 1
fi
printf '%s is static\n' "$1"
