#!/usr/bin/env bash
# Installs Debian packages: those that reconcile is built from and works with, and those of the demo and the tests.
# Quick where all are there.
#
# usage: scripts/packages.sh [run]     run: without those of the demo and the tests
set -euo pipefail

packages=(
    # to build
    pkg-config libyaml-dev libnftables-dev libseccomp-dev zlib1g-dev
    # to run containers: the runtimes, their monitor, an init, images, the seccomp profile
    crun runc conmon catatonit skopeo umoci golang-github-containers-common ca-certificates
    # for names between containers
    aardvark-dns
    # to follow a git repository, and to check who signed its commits
    git gnupg openssh-client
)
[ "${1:-}" = run ] || packages+=(
    # for the demo, the examples and the tests
    bind9-dnsutils busybox-static iproute2 nftables conntrack curl jq socat tcpdump docker-registry mandoc systemd openssl
    # the control plane of fleets
    etcd-server etcd-client
    # firewalls of others that the tests run beside ours
    iptables ufw firewalld dbus netavark
)

# One question for all; what dpkg never heard of is only complained about.
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
missing=()
for package in "${packages[@]}"; do
    grep -qx "$package installed" <<<"$installed" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "All ${#packages[@]} packages are installed."
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "These packages are missing; install them as root: apt-get install ${missing[*]}" >&2
    exit 1
fi

# Servers that come with a package are not started: the tests start what they need, in namespaces of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y install --no-install-recommends "${missing[@]}"
