#!/usr/bin/env bash
# Runs the kernel tests as root in new namespaces. None may be skipped, and there must be some.
#
# usage: SWIFT=swift scripts/kernel-tests.sh [BUILD OPTION…]
set -euo pipefail

cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
[ "$(id -u)" -eq 0 ] || { echo "$0: the kernel tests need root" >&2; exit 1; }
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# Built before: inside there is no network, and nothing is to be fetched.
"$swift" build --build-tests "$@"

# Each target in namespaces of its own: some compare all mounts before and after, so others must not mount meanwhile.
# A test that hangs is a failure, well before whoever waits gives up.
for directory in Tests/*KernelTests; do
    target=$(basename "$directory")
    RECONCILE_KERNEL_TESTS=1 timeout --kill-after 10 2400 unshare --net --mount \
        "$swift" test --skip-build "$@" --filter "^$target\\." 2>&1 | tee "$output"
    if ! grep -Eq 'Test run with [1-9][0-9]* tests?' "$output"; then
        echo "No test of $target ran." >&2
        exit 1
    fi
    if grep -Eiq '^[^a-z]*(test|suite|test case) .* skipped([.:]|$)' "$output"; then
        echo "A test of $target was skipped." >&2
        exit 1
    fi
done
