#!/usr/bin/env bash
# Checks the documents against the program: every field of the schema with its default, every manifest that they show,
# every command and option, every hook of the firewall, every file that they name and every link.
#
# usage: RECONCILE=PATH scripts/check-docs.sh
set -euo pipefail

cd "$(dirname "$0")/.."
failures=0
complain() {
    echo "$*" >&2
    failures=$((failures + 1))
}

# Every field: PATH <tab> what its row must say.
fields=$("$RECONCILE" schema | jq -r '
    def below: if .properties then . elif .anyOf then (.anyOf[] | below) else empty end;
    def fields($path; $required):
        .required as $needed | .properties | to_entries[] | .key as $key | .value as $field
        | ($path + $key) as $name
        | [$name,
           (if ($needed // [] | index($key)) and $key != "spec" then "required"
            elif $field | has("default") then "`" + ($field.default | if type == "string" then . else tojson end) + "`"
            else "" end)],
          ($field | below | fields($name + "."; true)),
          ($field.items // empty | below | fields($name + "[]."; true)),
          ($field.additionalProperties | objects | below | fields($name + ".NAME."; true));
    .oneOf[] | fields(""; true) | . as [$name, $says]
    | ($name | sub("^spec\\."; "")) + "\t" + $says' | grep -v '^template\.' | sort -u)
count=0
while IFS=$'\t' read -r name says; do
    count=$((count + 1))
    row=$(grep -F "| \`$name\` |" docs/manifests.md || true)
    if [ -z "$row" ]; then
        complain "docs/manifests.md: the field $name is missing"
    elif [ -n "$says" ] && ! grep -qF -- "| $says |" <<<"$row"; then
        complain "docs/manifests.md: the row of $name does not say \"$says\""
    fi
done <<<"$fields"
[ "$count" -gt 50 ] || complain "the schema was not understood: only $count fields"
while read -r name; do
    cut -f 1 <<<"$fields" | grep -qxF -- "$name" || complain "docs/manifests.md: there is no field $name"
done < <(sed -n '/^## The envelope/,/^## Values/p' docs/manifests.md | sed '/^| mode |/,/^$/d' |
    sed -n 's/^| `\([^`]*\)` |.*/\1/p')

# Every manifest that a document shows.
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
for document in README.md docs/*.md; do
    # The blocks of one document are one set.
    awk '/^```yaml/ { inside = 1; text = ""; next } /^```/ { if (inside && text ~ /apiVersion/) { print "---"; printf "%s", text } inside = 0 }
        inside { text = text $0 "\n" }' "$document" >"$directory/manifests.yaml"
    [ -s "$directory/manifests.yaml" ] || continue
    "$RECONCILE" validate "$directory/manifests.yaml" >/dev/null || complain "$document: a manifest in it is wrong"
done
for stack in manifests examples/*/; do
    "$RECONCILE" validate "$stack" >/dev/null || complain "$stack: the manifests are wrong"
done

# Every test that the scenarios name: in the last column of a table, between backticks.
while read -r name; do
    case $name in
    */*) [ -d "Tests/Golden/$name" ] || complain "docs/scenarios.md: there is no golden case $name" ;;
    *.*) grep -qE "func ${name#*.}\(" Tests/*KernelTests/"${name%.*}.swift" ||
        complain "docs/scenarios.md: there is no test $name" ;;
    *) grep -rqE "func $name\(" Tests/KernelTests || complain "docs/scenarios.md: there is no test $name" ;;
    esac
done < <(awk -F '|' '/^\|/ { print $(NF - 1) }' docs/scenarios.md | grep -o '`[^`]*`' | tr -d '`' | sort -u)

# Every command and option.
manual=$(mandoc -T utf8 docs/reconcile.8 | sed 's/.\x08//g; s/‐/-/g')
commands=$("$RECONCILE" --help | sed -n '/^SUBCOMMANDS:/,$s/^  \([a-z]*\)  .*/\1/p; /^SUBCOMMANDS:/,$s/^  \([a-z]*\) (default).*/\1/p')
[ -n "$commands" ] || complain "no commands in the help"
for command in $commands; do
    grep -qE "^ +$command( |$)" <<<"$manual" || complain "docs/reconcile.8: the command $command is missing"
    grep -qE "^\| \`$command[ \`]" README.md || complain "README.md: the command $command is missing"
    while read -r option; do
        grep -qF -- "$option" <<<"$manual" || complain "docs/reconcile.8: the option $option of $command is missing"
        # From the usage on: some options stand under a title of their own, before OPTIONS.
    done < <(
        {
            "$RECONCILE" help "$command"
            # Those of its own subcommands, too.
            for inner in $("$RECONCILE" help "$command" | sed -n '/^SUBCOMMANDS:/,$s/^  \([a-z]*\)  .*/\1/p'); do
                grep -qE "^ +$command $inner( |$)" <<<"$manual" || echo "--missing-command-$command-$inner"
                "$RECONCILE" help "$command" "$inner"
                for innermost in $("$RECONCILE" help "$command" "$inner" | sed -nE '/^SUBCOMMANDS:/,$s/^  ([a-z]+)( \(default\))?  .*/\1/p'); do
                    grep -qE "^ +$command $inner $innermost( |$)" <<<"$manual" ||
                        echo "--missing-command-$command-$inner-$innermost"
                    "$RECONCILE" help "$command" "$inner" "$innermost"
                done
            done
        } | sed -n '/^USAGE:/,$p' | grep -oE -- '--[a-z][a-z-]+' | sort -u
    )
done

# The hooks of the firewall.
while read -r hook; do
    name=${hook%% *}
    priority=${hook##* }
    grep -qE "$name.*[( ]$priority\b" docs/security.md || complain "docs/security.md: the hook \"$hook\" is missing"
done < <("$RECONCILE" apply --dry-run manifests 2>/dev/null | sed -nE 's/.*firewall chain ([a-z]+) +(filter|nat) ([a-z]+) (-?[0-9]+).*/\1 \3 \4/p')

# Every file that a document names.
while read -r path; do
    [ -e "$path" ] || complain "a document names $path, which is not there"
done < <(grep -ohE '`(Sources|Tests|scripts|docs|manifests)/[A-Za-z0-9/+._-]*`' README.md docs/*.md | tr -d '`' | sort -u)

# Links.
for document in README.md docs/*.md examples/*/README.md; do
    while read -r link; do
        target=${link%%#*}
        if [ -n "$target" ] && [ ! -e "$(dirname "$document")/$target" ]; then
            complain "$document: $link leads nowhere"
        fi
        if [ "$link" != "${link#*#}" ]; then
            file=$document
            [ -z "$target" ] || file=$(dirname "$document")/$target
            # As GitHub makes an anchor from a heading.
            sed -n 's/^#\{1,6\} //p' "$file" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g' |
                grep -qx -- "${link#*#}" || complain "$document: $link leads nowhere"
        fi
    done < <(grep -oE '\]\([^)]+\)' "$document" | sed 's/^](//; s/)$//' | grep -v '^[a-z]*:' || true)
done

[ "$failures" -eq 0 ] || exit 1
echo "The documents tell of all $count fields, all commands and all options."
