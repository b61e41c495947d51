#!/usr/bin/env bash
# Runs a command where it cannot harm this machine: in network, mount and process namespaces of its own, with an empty
# /run. Inside, `reconcile` is the binary named by RECONCILE with a set and a data directory of this run. All of it is
# gone when the command ends.
#
# usage: RECONCILE=PATH scripts/in-namespaces.sh NAME COMMAND [ARGUMENT…]
set -euo pipefail

if [ "${1:-}" != --inside ]; then
    : "${RECONCILE:?names the reconcile binary}"
    RECONCILE=$(realpath "$RECONCILE")
    [ "$(id -u)" -eq 0 ] || { echo "$0: this makes namespaces: run it as root" >&2; exit 1; }
    # Control groups are in no namespace: a set of this run's own keeps them apart.
    export RECONCILE RECONCILE_RUN_SET="$1-$$"
    shift
    RECONCILE_RUN_DIR=$(mktemp -d)
    export RECONCILE_RUN_DIR
    clean() {
        rmdir "$RECONCILE_RUN_DIR"
        find /sys/fs/cgroup -depth -type d -path "*/reconcile/$RECONCILE_RUN_SET*" -exec rmdir {} + 2>/dev/null || true
        find /sys/fs/cgroup -maxdepth 2 -type d -name reconcile -exec rmdir {} + 2>/dev/null || true
    }
    trap clean EXIT
    unshare --net --mount --pid --fork --kill-child --mount-proc "$0" --inside "$@"
    exit 0
fi

shift
mount -t tmpfs tmpfs "$RECONCILE_RUN_DIR"
mount -t tmpfs tmpfs /run
ip link set lo up
mkdir "$RECONCILE_RUN_DIR/bin"
cat >"$RECONCILE_RUN_DIR/bin/reconcile" <<'WRAPPER'
#!/bin/sh
exec "$RECONCILE" --set "$RECONCILE_RUN_SET" --data-dir "$RECONCILE_RUN_DIR/data" "$@"
WRAPPER
chmod 755 "$RECONCILE_RUN_DIR/bin/reconcile"
export PATH="$RECONCILE_RUN_DIR/bin:$PATH"
# Not exec: the first process of the namespace also waits for the processes that containers leave to it.
"$@"
