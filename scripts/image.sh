#!/usr/bin/env bash
# Makes a small OCI image from Debian's busybox-static, so that the demo, the examples and the tests need no registry.
#
# usage: scripts/image.sh [DIRECTORY]     default: images/busybox beside this script's parent
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
image=${1:-$root/images/busybox}
if [ -f "$image/index.json" ]; then
    exit 0
fi

for program in umoci /bin/busybox; do
    command -v "$program" >/dev/null || { echo "$0: $program is missing: make packages" >&2; exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
layout=$work/layout
umoci init --layout "$layout"
umoci new --image "$layout:latest"
# Whoever makes it, its files belong to root.
rootless=()
[ "$(id -u)" -eq 0 ] || rootless=(--rootless)
umoci unpack "${rootless[@]}" --image "$layout:latest" "$work/bundle" >/dev/null

rootfs=$work/bundle/rootfs
mkdir -p "$rootfs/bin" "$rootfs/etc" "$rootfs/root" "$rootfs/srv" "$rootfs/proc" "$rootfs/sys" "$rootfs/dev"
mkdir -p -m 1777 "$rootfs/tmp"
cp /bin/busybox "$rootfs/bin/busybox"
for applet in $(/bin/busybox --list); do
    [ "$applet" = busybox ] || ln -s busybox "$rootfs/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$rootfs/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$rootfs/etc/group"

umoci repack --image "$layout:latest" "$work/bundle" >/dev/null
umoci config --image "$layout:latest" --config.cmd sh --config.env PATH=/bin
umoci gc --layout "$layout" >/dev/null

# Into place in one step: whoever sees the image sees all of it.
mkdir -p "$(dirname "$image")"
rm -rf "$image"
mv "$layout" "$image"
echo "made $image"
