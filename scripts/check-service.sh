#!/usr/bin/env bash
# Checks the service's unit: systemd can read it, it names what is installed, and nothing in it makes a mount namespace
# or is a filter that containers would inherit. Needs no running systemd and changes nothing.
#
# usage: scripts/check-service.sh [UNIT]
set -euo pipefail

cd "$(dirname "$0")/.."
unit=${1:-dist/reconcile.service}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# Whether a unit is as it must be; says why not.
check() {
    local root=$directory/root output status=0
    rm -rf "$root"
    mkdir -p "$root/etc/systemd/system" "$root/usr/local/bin" "$root/usr/bin"
    cp "$1" "$root/etc/systemd/system/reconcile.service"
    # verify asks whether what a unit runs is there; it runs none of it.
    for program in /usr/local/bin/reconcile /usr/bin/kill; do install -m 755 /bin/true "$root$program"; done
    output=$(systemd-analyze verify --root="$root" --man=no --recursive-errors=no reconcile.service 2>&1) || status=$?
    if [ $status -ne 0 ] || [ -n "$output" ]; then
        echo "$1: systemd-analyze verify: $output" >&2
        return 1
    fi
    # systemd.exec(5): what needs a mount namespace, then what is inherited for good.
    local refused='Protect(System|Home|KernelTunables|KernelModules|KernelLogs|ControlGroups|Proc|Hostname|Clock)|ProcSubset'
    refused+='|Private(Tmp|Devices|Mounts|Network|Users|IPC)|(IPC|Network)NamespacePath|DynamicUser|MountFlags|MountAPIVFS'
    refused+='|(ReadOnly|ReadWrite|Inaccessible|Exec|NoExec|Bind|BindReadOnly)Paths|TemporaryFileSystem|LogNamespace'
    refused+='|Root(Directory|Image|Hash|Verity)|(Mount|Extension)Images|ExtensionDirectories|User|SetCredential.*|LoadCredential.*'
    refused+='|SystemCall(Filter|Architectures|ErrorNumber|Log)|Restrict(AddressFamilies|Namespaces|Realtime|SUIDSGID)'
    refused+='|LockPersonality|MemoryDenyWriteExecute|CapabilityBoundingSet|SecureBits'
    if grep -nE "^[[:space:]]*($refused)[[:space:]]*=" "$1" >&2; then
        echo "$1: this would hide sandboxes from the host, or bind containers too" >&2
        return 1
    fi
    for line in Type=notify KillMode=process Delegate=yes; do
        grep -qx "$line" "$1" || { echo "$1: $line is missing" >&2; return 1; }
    done
}

check "$unit"

# And the check can fail.
for line in ProtectSystem=strict PrivateTmp=yes MemoryDenyWriteExecute=yes Nonsense=1 ExecStartPre=/usr/bin/not-there; do
    sed "s|^\[Service\]$|&\n$line|" "$unit" >"$directory/wrong.service"
    if check "$directory/wrong.service" 2>/dev/null; then
        echo "$line is not refused" >&2
        exit 1
    fi
done
for line in Type=notify KillMode=process Delegate=yes; do
    grep -vx "$line" "$unit" >"$directory/wrong.service"
    if check "$directory/wrong.service" 2>/dev/null; then
        echo "that $line is missing is not noticed" >&2
        exit 1
    fi
done
echo "$unit is as it must be."
