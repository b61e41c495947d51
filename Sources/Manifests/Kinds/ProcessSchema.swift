import Model

enum ProcessSchema {
    /// `user[:group]`.
    static let user = Schema<String>.text("user[:group], such as \"101:101\" or nginx") { text in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count <= 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.first != 45 && part.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != 0x2f }
            }
    }

    /// A signal as `SIGNAME`, or its number.
    static let signal = Schema<String>.parsed(
        "a signal such as SIGTERM, TERM or 15", json: ["type": ["string", "integer"], "minimum": 1, "maximum": 64]
    ) { text throws(Misreading) in
        if let number = Digits.integer(text) {
            guard (1...64).contains(number) else { throw Misreading(hint: "signals go from 1 to 64") }
            return text
        }
        let name = text.uppercased().removing(prefix: "SIG").map(String.init) ?? text.uppercased()
        guard signals.contains(name) || isRealtime(name) else {
            throw Misreading(hint: NearestName.nearest(to: name, among: signals).map { "did you mean SIG\($0)?" })
        }
        return "SIG\(name)"
    }

    /// signal(7) for Linux.
    private static let signals = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH",
        "IO",
        "PWR", "SYS",
    ]

    /// `RTMIN+3`, `RTMAX-1`: systemd in a container is stopped by the first.
    private static func isRealtime(_ name: String) -> Bool {
        if name == "RTMIN" || name == "RTMAX" { return true }
        guard let offset = name.removing(prefix: "RTMIN+") ?? name.removing(prefix: "RTMAX-"),
            let number = Digits.integer(offset)
        else { return false }
        return (0...(name.hasPrefix("RTMIN") ? 15 : 14)).contains(number)
    }
}

enum CapabilitySchema {
    static let object = ObjectSchema<Capabilities>(
        "capabilities", initial: Capabilities(), example: "{ add: [NET_ADMIN], drop: [ALL] }",
        [
            Field(
                "add", \.add, .list(of: capability, "a list of capabilities", hint: "write [NET_ADMIN]"),
                "Granted as well."),
            Field(
                "drop", \.drop, .list(of: capability, "a list of capabilities", hint: "write [ALL]"),
                "Taken away, before add is granted."),
        ])

    private static let capability = Schema<String>.parsed(
        "a capability such as NET_ADMIN, or ALL", json: ["type": "string"]
    ) { text throws(Misreading) in
        let name = text.uppercased().removing(prefix: "CAP_").map(String.init) ?? text.uppercased()
        guard name == "ALL" || names.contains(name) else {
            throw Misreading(hint: NearestName.hint(for: name, among: names))
        }
        return name
    }.rendered { .string($0) }

    /// include/uapi/linux/capability.h, as of Linux 5.9 (the last that was added).
    private static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]
}
