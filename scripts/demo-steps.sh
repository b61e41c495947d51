#!/usr/bin/env bash
# How the demos begin, and what they tell their story with; they source it. Outside it builds and runs the demo again in
# namespaces of its own. RECONCILE may name a binary to take instead of building one.

cd "$(dirname "$0")/.."

if [ "${1:-}" != --inside ]; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "The demo makes network namespaces and runs containers: run it as root." >&2
        exit 1
    fi
    printf '\n1. Install the packages, build, and make a small image from busybox\n\n'
    [ -n "${RECONCILE:-}" ] || make --no-print-directory packages build image
    RECONCILE=${RECONCILE:-$(make --silent --no-print-directory print-binary)}
    export RECONCILE
    scripts/in-namespaces.sh "scripts/$(basename "$0")" --inside
    exit 0
fi

output=$(mktemp)

step() { printf '\n%s\n\n' "$*"; }

fail() {
    printf '\nThe demo failed: %s\n' "$*" >&2
    exit 1
}

# run STATUS COMMAND…: prints the command and runs it; its exit status must be as said. The output is kept in $output.
run() {
    local expected=$1 status=0
    shift
    printf '   $ %s\n' "$*"
    "$@" >"$output" 2>&1 </dev/null || status=$?
    if [ "$status" -ne "$expected" ]; then
        cat "$output" >&2
        fail "\"$*\" ended with $status, not with $expected"
    fi
}

quote() { sed 's/^/   | /; s/ *$//'; }

# show [LINES]: the first lines of the output and its last one.
show() {
    local lines=${1:-100}
    local total
    total=$(wc -l <"$output")
    if [ "$total" -le $((lines + 2)) ]; then
        quote <"$output"
    else
        head -n "$lines" "$output" | quote
        printf '   | … %d lines more …\n' $((total - lines - 1))
        tail -n 1 "$output" | quote
    fi
}

# show_from TEXT: the output from the first line with this text.
show_from() {
    local start
    start=$(grep -nF -m 1 -- "$1" "$output" | cut -d : -f 1)
    [ "$start" -eq 1 ] || printf '   | … %d lines before …\n' $((start - 1))
    tail -n +"$start" "$output" | quote
}

says() { grep -qF -- "$1" "$output" || { cat "$output" >&2; fail "no \"$1\" in the output"; }; }
