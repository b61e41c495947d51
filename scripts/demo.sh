#!/usr/bin/env bash
# Shows what reconcile does: from the packages to a page fetched through a published port, a drift repaired, and a host
# left as it was found. Needs root and a Debian with Swift. All networking happens in namespaces of the demo's own.
set -euo pipefail

source "$(dirname "$0")/demo-steps.sh"
trap 'rm -f "$output"' EXIT

page=$(cat manifests/site/index.html)
url=http://127.0.0.1:8080/
fetch() {
    # A started process listens a moment later.
    for _ in $(seq 300); do
        if curl --silent --fail --max-time 2 --output /dev/null "$url"; then break; fi
        sleep 0.1
    done
    run 0 curl --silent --show-error --fail --max-time 5 "$url"
    says "$page"
}

# Some kernels put links of their own into a new namespace: what counts is that they are the same in the end.
links() { ip -brief link | awk '{ print $1 }'; }
links_before=$(links)

step "2. Preview: what would ./manifests change here? (nothing is touched)"
run 2 reconcile --dry-run
says "+ link br-front"
says "0 to change, 0 to replace, 0 to delete."
show_from "container/web"
[ "$(links)" = "$links_before" ] || fail "the preview made a link"

step "3. Apply: make the host match, then look again to prove it"
run 0 reconcile
says "The host matches 4 resources."
show_from "✔"

step "4. Fetch the page through the published port"
run 0 reconcile port web
says "80/tcp -> 0.0.0.0:8080"
show
fetch
show

step "5. The client on the internal network reaches the web server, and nothing else"
run 0 reconcile exec client -- wget -q -O - http://10.21.0.10/
says "$page"
show
run 1 reconcile exec client -- ping -c 1 -W 1 192.0.2.1
says "Network is unreachable"
show

step "6. Break it by hand: delete the web server's link on the network front"
link=$(ip -o link show master br-front | sed 's/^[0-9]*: \([^@:]*\).*/\1/')
run 0 ip link delete "$link"
if curl --silent --max-time 2 "$url" >/dev/null 2>&1; then fail "the page still came"; fi
printf '   | (the page is gone)\n'

step "7. Preview the drift"
run 2 reconcile --dry-run
says "Drift:"
says "+ link $link"
show 12

step "8. Repair it: only what differs is changed, and the process goes on"
before=$(reconcile inspect container/web | jq .pid)
run 0 reconcile
says "The host matches 4 resources."
show_from "✔"
[ "$(reconcile inspect container/web | jq .pid)" = "$before" ] || fail "the process was restarted"
fetch
show
run 0 reconcile
says "No changes."
show

step "9. Destroy: the host is as it was found"
run 0 reconcile destroy --yes
says "The host is as it was found."
tail -n 1 "$output" | quote
[ "$(links)" = "$links_before" ] || fail "a link was left behind"
[ -z "$(nft list ruleset)" ] || fail "a firewall rule was left behind"
run 0 ip -brief link
show

printf '\nThe demo is done. All of it happened in namespaces of its own, which are gone now.\n'
