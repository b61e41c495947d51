#!/usr/bin/env bash
# Shows a fleet: three hosts on subnets of their own with a router between, etcd with TLS, one network over all of them, a
# service of two replicas that find each other by name, and a host that dies. Needs root and a Debian with Swift. All of it
# happens in namespaces of the demo's own, which are gone when it ends, also by Ctrl-C.
set -euo pipefail

source "$(dirname "$0")/demo-steps.sh"
files=$(mktemp -d)
hosts=examples/fleet/hosts
clean() {
    # A second Ctrl-C waits until this is done.
    trap '' INT TERM
    "$hosts" down
    rm -rf "$files" "$output"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

on() { "$hosts" on "$@"; }

# until_says SECONDS TEXT COMMAND…: runs it again and again until it prints the text.
until_says() {
    local seconds=$1 text=$2
    shift 2
    for _ in $(seq $((seconds * 5))); do
        if "$@" 2>&1 </dev/null | grep -qF -- "$text"; then return; fi
        sleep 0.2
    done
    "$@" >&2 || true
    fail "\"$*\" does not say \"$text\""
}

# where REPLICA: the node that runs it, as the fleet knows it.
where() {
    { on n1 reconcile fleet status -o json || true; } |
        jq -r --arg name "$1" '.nodes[] | select(.runs | index($name)) | .name'
}

# Waits until all is well, and shows it. A node that has just heard of another one is not ready for a moment.
status() {
    for _ in $(seq 50); do on n1 reconcile fleet status >/dev/null 2>&1 && break; sleep 0.2; done
    run 0 "$hosts" on n1 reconcile fleet status
    show
}

step "2. Three hosts and one for etcd, each on a subnet of its own, and a router between"
run 0 "$hosts" up
show
run 0 "$hosts" on n1 busybox ping -c 1 -W 2 192.0.3.2
quote <<<"$(grep ttl "$output")"

step "3. The fleet begins on n1: an authority, and certificates for etcd and for the node"
run 0 "$hosts" on n1 reconcile fleet init --etcd 192.0.9.2 --name demo --node n1
says "Fleet demo begins on node n1."
show 1

step "4. etcd, which takes nobody without a certificate of this authority"
cp -r /run/fleet-hosts/n1/data/fleet/authority/etcd/192.0.9.2/. "$files"
"$hosts" start control etcd etcd --name etcd1 --data-dir "$files/data" --log-level error \
    --listen-client-urls https://192.0.9.2:2379 --advertise-client-urls https://192.0.9.2:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --client-cert-auth=true --trusted-ca-file "$files/ca.pem" \
    --cert-file "$files/server.pem" --key-file "$files/server.key" --client-crl-file "$files/crl.pem"
until_says 20 "ready, 3." on n1 reconcile fleet status
if on n2 curl --silent --insecure --max-time 2 https://192.0.9.2:2379/version >"$output" 2>&1; then
    fail "etcd answers who has no certificate"
fi
printf '   | (n2 asks without a certificate, and gets no answer)\n'

step "5. The others join, with a file each"
for node in n2 n3; do
    run 0 "$hosts" on n1 reconcile fleet invite "$node" --file "$files/$node.fleet"
    run 0 "$hosts" on "$node" reconcile fleet join "$files/$node.fleet"
    show
done

step "6. The same manifests on all of them: a network over all nodes, and a service of two replicas"
run 0 cat examples/fleet/stack.yaml
show
for node in n1 n2 n3; do "$hosts" start "$node" agent reconcile agent examples/fleet; done
settled() {
    { on n1 reconcile fleet status -o json || true; } | jq -r '
        if ([.nodes[] | select(.health == "ready")] | length) == 3
            and ([.nodes[].runs[] | select(startswith("pinger"))] | unique | length) == 2 then "settled" else "" end'
}
until_says 30 settled settled
status

step "7. They find each other by name, on different hosts, over both families"
first=$(where pinger.1)
second=$(where pinger.2)
[ "$first" != "$second" ] || fail "both replicas are on $first"
# Names are served a moment after all else is ready.
until_says 20 "1 packets received" on "$first" reconcile exec pinger.1 -- ping -c 1 -W 2 pinger.2
until_says 20 "1 packets received" on "$second" reconcile exec pinger.2 -- ping -6 -c 1 -W 2 pinger.1
run 0 "$hosts" on "$first" reconcile exec pinger.1 -- ping -c 1 -W 2 pinger.2
says "1 packets received"
show
run 0 "$hosts" on "$second" reconcile exec pinger.2 -- ping -6 -c 1 -W 2 pinger.1
says "1 packets received"
show

step "8. The service's port leads to both of them, on every host"
for number in 1 2 3; do
    printf '   $ curl http://192.0.%s.2:9090/   (twice)\n' "$number"
    for _ in 1 2; do
        ip netns exec router curl --silent --show-error --max-time 5 --retry 5 --retry-connrefused \
            "http://192.0.$number.2:9090/"
    done >"$output"
    says "Hello from pinger.1."
    says "Hello from pinger.2."
    show
done

victim=$second
name=pinger.2
[ "$victim" != n1 ] || { victim=$first name=pinger.1; }
step "9. $victim dies: its agent is killed, its link is cut. $name runs elsewhere when its lease is over"
seconds=$SECONDS
"$hosts" stop "$victim" agent KILL
"$hosts" cut "$victim"
moved() {
    local node
    node=$(where "$name")
    if [ -n "$node" ] && [ "$node" != "$victim" ] && [ "$(on "$node" reconcile inspect "container/$name" | jq -r .state)" = running ]; then
        echo moved
    fi
}
until_says 30 moved moved
printf '   | %s runs on %s after %d s\n' "$name" "$(where "$name")" $((SECONDS - seconds))
status

step "10. It comes back: it ends what others run now, and nothing moves back"
now=$(where "$name")
"$hosts" join "$victim"
"$hosts" start "$victim" agent reconcile agent examples/fleet
until_says 30 settled settled
[ "$(where "$name")" = "$now" ] || fail "$name moved again"
status

step "11. All of it goes"
for node in n1 n2 n3; do "$hosts" stop "$node" agent; done
for node in n1 n2 n3; do
    run 0 "$hosts" on "$node" reconcile destroy --yes
    says "The host is as it was found."
    tail -n 1 "$output" | quote
done

printf '\nThe demo is done. All of it happened in namespaces of its own, which are gone now.\n'
