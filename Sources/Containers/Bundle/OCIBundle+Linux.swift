import Model

extension OCIBundle {
    /// Docker's masked paths (moby, oci/defaults.go).
    static let maskedPaths = [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
        "/sys/devices/virtual/powercap",
    ]
    /// Docker's read-only paths.
    static let readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// Namespaces, control group, sysctls, and what of /proc and /sys is hidden.
    static func linux(_ launch: ContainerLaunch, _ facts: BundleFacts) -> JSONValue {
        var namespaces: [JSONValue] = [["type": "pid"], ["type": "ipc"], ["type": "uts"], ["type": "mount"]]
        if let sandbox = launch.sandbox { namespaces.append(["type": "network", "path": .string(sandbox)]) }
        // As Docker: with v1 a container sees its place in the host's tree, with v2 a tree of its own.
        if facts.cgroupVersion == .v2 { namespaces.append(["type": "cgroup"]) }
        var members: [JSONValue.Member] = [
            .init("namespaces", .array(namespaces)),
            .init("cgroupsPath", .string(facts.cgroupPath)),
            .init("resources", resources(launch.container.resources, countsSwap: facts.countsSwap)),
            .init("sysctl", .strings(sysctls(launch))),
            .init("maskedPaths", .strings(maskedPaths)),
            .init("readonlyPaths", .strings(readonlyPaths)),
        ]
        if case .profile(let profile) = facts.seccomp { members.append(.init("seccomp", profile)) }
        return .object(members)
    }

    /// Docker's two defaults for a network namespace of the container's own, then the manifest's.
    static func sysctls(_ launch: ContainerLaunch) -> [String: String] {
        let defaults =
            launch.sandbox == nil
            ? [:] : ["net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647"]
        return defaults.merging(launch.container.sysctls) { $1 }
    }

    /// `linux.resources`: crun and runc translate it for v1 and v2.
    public static func resources(_ resources: Resources, countsSwap: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [.init("devices", devices)]
        if let bytes = resources.memory {
            var memory: [JSONValue.Member] = [.init("limit", .int(bytes))]
            // Memory and swap together, twice the memory as in Docker; without it swap would be unlimited.
            if countsSwap { memory.append(.init("swap", .int(bytes.multipliedReportingOverflow(by: 2).partialValue))) }
            members.append(.init("memory", .object(memory)))
        }
        if let thousandths = resources.milliCPUs {
            members.append(.init("cpu", ["quota": .int(Int64(thousandths) * 100), "period": 100_000]))
        }
        if let pids = resources.pids { members.append(.init("pids", ["limit": .int(Int64(pids))])) }
        return .object(members)
    }

    /// Nothing but what Docker allows: making any node, and null, zero, full, random, urandom, tty, console, ptmx, pts.
    private static let devices: JSONValue = {
        func rule(_ type: String, _ major: Int64?, _ minor: Int64?, _ access: String) -> JSONValue {
            var members: [JSONValue.Member] = [.init("allow", true), .init("type", .string(type))]
            if let major { members.append(.init("major", .int(major))) }
            if let minor { members.append(.init("minor", .int(minor))) }
            return .object(members + [.init("access", .string(access))])
        }
        let numbers: [(Int64, Int64?)] = [
            (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, nil),
        ]
        return .array(
            [["allow": false, "access": "rwm"], rule("c", nil, nil, "m"), rule("b", nil, nil, "m")]
                + numbers.map { rule("c", $0.0, $0.1, "rwm") })
    }()
}
