#!/usr/bin/env bash
# Runs every example as its README tells it, each in fresh namespaces: the commands of the blocks marked sh, in order,
# from the top of the clone. Each line of the block marked text that follows must be found in their output, in order.
#
# usage: RECONCILE=PATH scripts/examples.sh [EXAMPLE…]
set -euo pipefail

cd "$(dirname "$0")/.."

if [ "${1:-}" != --inside ]; then
    [ $# -gt 0 ] || set -- examples/*/
    for example in "$@"; do
        echo "${example%/}"
        scripts/in-namespaces.sh scripts/examples.sh --inside "${example%/}"
    done
    echo "$# examples passed"
    exit 0
fi

readme=$2/README.md
blocks=$RECONCILE_RUN_DIR/blocks
mkdir "$blocks"
awk -v directory="$blocks" '
    /^```/ { if (inside) { inside = 0 } else { inside = 1; file = sprintf("%s/%03d.%s", directory, ++number, substr($0, 4)); line = NR; print line > (file ".line"); printf "" > file } next }
    inside { print > file }
' "$readme"

run=0
for block in "$blocks"/*.sh; do
    run=$((run + 1))
    line=$(cat "$block.line")
    output=$block.output
    if ! bash -euo pipefail "$block" >"$output" 2>&1 </dev/null; then
        cat "$output"
        echo "$readme:$line: the commands failed" >&2
        exit 1
    fi
    claims=$(printf '%s/%03d.text' "$blocks" $((10#$(basename "$block" .sh) + 1)))
    [ -f "$claims" ] || continue
    awk -v readme="$readme" -v line="$(cat "$claims.line")" '
        # How wide a column is, is not what an example tells.
        { gsub(/  +/, " ") }
        FNR == NR { claims[++count] = $0; next }
        next_claim < count && index($0, claims[next_claim + 1]) { next_claim++ }
        END {
            if (next_claim < count) {
                printf "%s:%d: not in the output: %s\n", readme, line + next_claim + 1, claims[next_claim + 1]
                exit 1
            }
        }' "$claims" "$output" || { echo "The output was:"; cat "$output"; exit 1; }
done
[ "$run" -gt 0 ] || { echo "$readme has no commands" >&2; exit 1; }
[ -z "$(nft list ruleset)" ] || { echo "$readme leaves firewall rules behind" >&2; exit 1; }
[ -z "$(ip netns)" ] || { echo "$readme leaves namespaces behind" >&2; exit 1; }
echo "  $run blocks"
