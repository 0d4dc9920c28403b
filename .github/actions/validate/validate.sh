#!/usr/bin/env bash
# One validation: annotations in the log, a step summary, SARIF and JUnit files beside it.
# Inputs come as variables, never as text put into a command.
set -uo pipefail

words() {  # the lines that are not empty, one word each
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        line="${line%$'\r'}"
        if [ -n "$line" ]; then printf '%s\0' "$line"; fi
    done <<<"$1"
}

mapfile -d '' -t arguments < <(words "${PDEPERF_ARGUMENTS:-}")
mapfile -d '' -t options < <(words "${PDEPERF_OPTIONS:-}")
reports="${PDEPERF_REPORTS:-pdeperf-reports}"
mkdir -p "$reports" || exit 2
begun="$(mktemp)" || exit 2
trap 'rm -f "$begun"' EXIT
is_new() { [ "$1" -nt "$begun" ]; }  # and not what an earlier step has left there

code=0
"${PDEPERF_PYTHON:-python}" -m pdeperf validate --quiet --format github \
    --baseline "${PDEPERF_BASELINE:-baselines/default}" \
    --report "$reports/summary.md" --report "$reports/pdeperf.sarif" --report "$reports/pdeperf.xml" \
    "${options[@]}" "$PDEPERF_SCRIPT" -- "${arguments[@]}" || code=$?

if is_new "$reports/summary.md"; then
    cat "$reports/summary.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
else
    echo "::error title=pdeperf::nothing was compared, exit code $code; the log above says why"
fi
{
    echo "exit-code=$code"
    if is_new "$reports/pdeperf.sarif"; then
        echo "sarif=${PDEPERF_WORKING_DIRECTORY:-.}/$reports/pdeperf.sarif"
    else
        echo "sarif="
    fi
} >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$code"
