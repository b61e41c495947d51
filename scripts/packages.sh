#!/usr/bin/env bash
# Installs the Debian packages that reconcile is built from, works with and is tested by. Quick where all are there.
set -euo pipefail

packages=(
    # to build
    pkg-config libyaml-dev libnftables-dev libseccomp-dev
    # to run containers: the runtimes, their monitor, an init, images, the seccomp profile
    crun runc conmon catatonit skopeo umoci golang-github-containers-common ca-certificates
    # for the demo, the examples and the tests
    busybox-static iproute2 nftables curl jq socat netcat-openbsd docker-registry procps mandoc
)

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "All ${#packages[@]} packages are installed."
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "These packages are missing; install them as root: apt-get install ${missing[*]}" >&2
    exit 1
fi

# Servers that come with a package are not started here: the tests start what they need, in namespaces of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y install --no-install-recommends "${missing[@]}"
