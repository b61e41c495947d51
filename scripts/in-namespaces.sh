#!/usr/bin/env bash
# Runs a command where it cannot harm this machine: in network, mount and process namespaces of its own, with an empty
# /run. Inside, `reconcile` is the binary named by RECONCILE with a data directory of this run. All of it is gone when
# the command ends.
#
# usage: RECONCILE=PATH scripts/in-namespaces.sh COMMAND [ARGUMENT…]
set -euo pipefail

if [ "${1:-}" != --inside ]; then
    : "${RECONCILE:?names the reconcile binary}"
    RECONCILE=$(realpath "$RECONCILE")
    [ "$(id -u)" -eq 0 ] || { echo "$0: this makes namespaces: run it as root" >&2; exit 1; }
    directory=$(mktemp -d)
    export RECONCILE RECONCILE_RUN_DIR=$directory/run
    mkdir "$RECONCILE_RUN_DIR"
    # Control groups are in no namespace; reconcile names its own by the network namespace. Left are some only where
    # the command ended without `destroy`.
    clean() {
        if [ -s "$directory/namespace" ]; then
            find /sys/fs/cgroup -depth -type d -path "*/reconcile-$(cat "$directory/namespace")*" -exec rmdir {} + \
                2>/dev/null || true
        fi
        rm -rf "$directory"
    }
    trap clean EXIT
    unshare --net --mount --pid --fork --kill-child --mount-proc "$0" --inside "$@"
    exit 0
fi

shift
stat --dereference --format %i /proc/self/ns/net >"$RECONCILE_RUN_DIR/../namespace"
mount -t tmpfs tmpfs "$RECONCILE_RUN_DIR"
mount -t tmpfs tmpfs /run
ip link set lo up
mkdir "$RECONCILE_RUN_DIR/bin"
cat >"$RECONCILE_RUN_DIR/bin/reconcile" <<'WRAPPER'
#!/bin/sh
exec "$RECONCILE" --data-dir "$RECONCILE_RUN_DIR/data" "$@"
WRAPPER
chmod 755 "$RECONCILE_RUN_DIR/bin/reconcile"
export PATH="$RECONCILE_RUN_DIR/bin:$PATH"
# Not exec: the first process of the namespace also waits for the processes that containers leave to it.
"$@"
