import Model

/// A container's capabilities (capabilities(7)).
public enum CapabilitySet {
    /// Docker's defaults (moby, oci/caps/defaults.go).
    public static let defaults = [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
        "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    ]

    /// All that Linux knows, by number (linux/capability.h).
    public static let all = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    /// The names with `CAP_` that a container has, in the kernel's order: the defaults without what is dropped, with
    /// what is added. `available` leaves out what the runtime itself may not grant. Throws `unknown-capability`.
    public static func resolve(_ change: Capabilities, available: Set<String>? = nil) throws(Diagnostic) -> [String] {
        var names = Set(defaults)
        for name in try change.drop.map(plain) {
            if name == "ALL" { names = [] } else { names.remove(name) }
        }
        for name in try change.add.map(plain) {
            if name == "ALL" { names.formUnion(available ?? Set(all)) } else { names.insert(name) }
        }
        return all.filter(names.contains).map { "CAP_" + $0 }
    }

    /// The names in a mask such as /proc/PID/status has (`CapBnd`).
    public static func names(mask: UInt64) -> Set<String> {
        Set(all.enumerated().filter { mask >> UInt64($0.offset) & 1 == 1 }.map { $0.element })
    }

    private static func plain(_ name: String) throws(Diagnostic) -> String {
        let upper = name.uppercased()
        let bare = upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper
        if bare == "ALL" || all.contains(bare) { return bare }
        throw Diagnostic(
            code: "unknown-capability", "there is no capability \(name)", hint: "see capabilities(7); ALL means all")
    }
}
