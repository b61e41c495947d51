import Glibc
import Model

/// How the host's control groups are mounted (cgroups(7)), read from the text of /proc/self/mounts.
public struct Cgroups: Hashable, Sendable {
    /// What the mounts amount to.
    public enum Version: String, Hashable, Sendable {
        /// Controllers in hierarchies of their own, with or without a controller-less cgroup2 mount (systemd's hybrid).
        case v1
        /// One cgroup2 at /sys/fs/cgroup.
        case v2
    }

    /// v1 or v2.
    public var version: Version
    /// The mount points of the hierarchies: one for v2, one a hierarchy for v1.
    public var hierarchies: [String]
    /// Where a cgroup2 is mounted beside v1 hierarchies.
    public var hybridMount: String?
    /// The hierarchy that we look for processes in.
    public var tracking: String

    /// From the text of /proc/self/mounts; `nil` where no control groups are mounted.
    public init?(mounts text: String) {
        var v1: [(path: String, options: Substring)] = []
        var v2: String?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 4 else { continue }
            switch fields[2] {
            case "cgroup": v1.append((String(fields[1]), fields[3]))
            case "cgroup2": v2 = v2 ?? String(fields[1])
            default: break
            }
        }
        if v1.isEmpty {
            guard let v2 else { return nil }
            version = .v2
            hierarchies = [v2]
            tracking = v2
            return
        }
        version = .v1
        hierarchies = v1.map { $0.path }
        hybridMount = v2
        // A hierarchy that no limit depends on, and that container runtimes join whatever the configuration says.
        let choice = ["pids", "freezer", "name=systemd", "memory"].lazy.compactMap { name in
            v1.first { $0.options.split(separator: ",").contains(Substring(name)) }
        }
        tracking = choice.first?.path ?? v1[0].path
    }

    /// The host's.
    public static func read() throws(Diagnostic) -> Cgroups {
        guard let found = usual() ?? Cgroups(mounts: Files.text("/proc/self/mounts") ?? "") else {
            throw Diagnostic(
                code: "cgroups-missing", "no control groups are mounted at /sys/fs/cgroup",
                hint: "mount -t cgroup2 cgroup2 /sys/fs/cgroup")
        }
        return found
    }

    /// The mounts where every distribution has them. The kernel writes /proc/self/mounts anew at each reading, and with
    /// a thousand containers that is two thousand lines: 20 ms.
    private static func usual() -> Cgroups? {
        let root = "/sys/fs/cgroup"
        if Files.exists("\(root)/cgroup.controllers") { return Cgroups(mounts: "cgroup2 \(root) cgroup2 rw 0 0") }
        var lines: [String] = []
        // One line a hierarchy: `8:pids:/`, `9:name=systemd:/`; `0::/` is cgroup2 (cgroups(7)).
        for line in (Files.text("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] != "0" else { continue }
            let name = parts[1].hasPrefix("name=") ? parts[1].dropFirst(5) : parts[1]
            guard Files.exists("\(root)/\(name)/cgroup.procs") else { return nil }
            lines.append("cgroup \(root)/\(name) cgroup rw,\(parts[1]) 0 0")
        }
        if Files.exists("\(root)/unified/cgroup.controllers") {
            lines.append("cgroup2 \(root)/unified cgroup2 rw 0 0")
        }
        return Cgroups(mounts: lines.joined(separator: "\n"))
    }

    /// Whether memory limits count swap too. With v1 a file tells; with v2 the root group has none, but the kernel
    /// always accounts swap where it knows it at all, unless the boot line forbids it.
    public var countsSwap: Bool {
        switch version {
        case .v1: hierarchies.contains { Files.exists($0 + "/memory.memsw.limit_in_bytes") }
        case .v2: Files.exists("/proc/swaps") && Files.text("/proc/cmdline")?.contains("swapaccount=0") != true
        }
    }
}
