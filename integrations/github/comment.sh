#!/usr/bin/env bash
# The third step of the Action: one comment on the pull request, written once and kept up to date.
# A comment that cannot be written (a fork's token may only read) is a warning, because the job's summary says the same.
#
# In: COMMENT_DIFF (a file), COMMENT_CHANGED, COMMENT_NAME, GH_TOKEN, GITHUB_REPOSITORY, GITHUB_EVENT_PATH, RUNNER_TEMP
set -euo pipefail

number=$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH")
if [ -z "$number" ]; then
  echo "no pull request, no comment"
  exit 0
fi
# The name ends a comment of HTML, so it is made of plain characters.
name=$(tr -cd 'A-Za-z0-9._ -' <<< "${COMMENT_NAME:-edgegen}" | sed 's/--*/-/g')
marker="<!-- edgegen comment: $name -->"

warn() {
  printf '::warning title=edgegen::the comment was not written (%s); the summary of the job has it\n' "$(tr '\n' ' ' < "$RUNNER_TEMP/edgegen-gh.err")"
  exit 0
}
gh_api() {
  gh api "$@" 2> "$RUNNER_TEMP/edgegen-gh.err"
}

body=$RUNNER_TEMP/edgegen-comment.md
{
  printf '%s\n' "$marker"
  cat -- "$COMMENT_DIFF"
} > "$body"

comments=repos/$GITHUB_REPOSITORY/issues
found=$(gh_api --paginate "$comments/$number/comments?per_page=100" \
  --jq '.[] | [.id, (.body | split("\n")[0] | rtrimstr("\r"))] | @tsv') || warn
ids=$(awk -F '\t' -v marker="$marker" '$2 == marker { print $1 }' <<< "$found")

# Somebody can quote the marker; only what this token wrote can be changed.
for id in $ids; do
  if gh_api --silent --method PATCH "$comments/comments/$id" --field "body=@$body"; then
    echo "updated comment $id"
    exit 0
  fi
done
if [ "${COMMENT_CHANGED:-true}" = false ] && [ -z "$ids" ]; then
  echo "nothing changed, no comment"
  exit 0
fi
gh_api --silent --method POST "$comments/$number/comments" --field "body=@$body" || warn
echo "wrote a comment"
