import Glibc
import Model

/// Limits of a control group, read and written at the kernel itself: what a runtime was told once is not what holds now,
/// and crun 1.8 cannot lift a limit on v1 hierarchies.
extension Cgroup {
    private static let period: Int64 = 100_000

    /// The limits in force; `nil` for none of a kind, and where the group does not say.
    func limits() -> Resources {
        let memory = number(version == .v1 ? "memory.limit_in_bytes" : "memory.max")
        // Without a limit v1 shows the largest multiple of a page.
        return Resources(
            memory: memory.flatMap { $0 > Int64.max / 2 ? nil : $0 }, milliCPUs: milliCPUs(),
            pids: number("pids.max").map { Int($0) })
    }

    /// Sets all limits; those that are `nil` are lifted. Throws `update-failed` with the file that refused.
    func set(_ resources: Resources) throws(Diagnostic) {
        let none = version == .v1 ? "-1" : "max"
        try setMemory(resources.memory, none)
        let quota = resources.milliCPUs.map { String(Int64($0) * 100) }
        switch version {
        case .v1:
            try write(String(Self.period), to: "cpu.cfs_period_us", isNeeded: quota != nil)
            try write(quota ?? none, to: "cpu.cfs_quota_us", isNeeded: quota != nil)
        case .v2: try write("\(quota ?? none) \(Self.period)", to: "cpu.max", isNeeded: quota != nil)
        }
        try write(resources.pids.map(String.init) ?? "max", to: "pids.max", isNeeded: resources.pids != nil)
    }

    /// Memory and swap together may be twice the memory, as in Docker. On v1 the sum may never be below the memory:
    /// which of the two goes first depends on the direction.
    private func setMemory(_ bytes: Int64?, _ none: String) throws(Diagnostic) {
        let isNeeded = bytes != nil
        guard version == .v1 else {
            try write(bytes.map(String.init) ?? none, to: "memory.max", isNeeded: isNeeded)
            return try write(bytes.map(String.init) ?? none, to: "memory.swap.max", isNeeded: false)
        }
        let both = bytes.map { String($0.multipliedReportingOverflow(by: 2).partialValue) } ?? none
        let current = number("memory.limit_in_bytes") ?? .max
        let grows = bytes.map { $0 > current } ?? true
        if grows { try write(both, to: "memory.memsw.limit_in_bytes", isNeeded: false) }
        try write(bytes.map(String.init) ?? none, to: "memory.limit_in_bytes", isNeeded: isNeeded)
        if !grows { try write(both, to: "memory.memsw.limit_in_bytes", isNeeded: false) }
    }

    private var version: Cgroups.Version { cgroups.version }

    private func file(_ name: String) -> String? {
        cgroups.hierarchies.lazy.map { "\($0)\(path)/\(name)" }.first { Files.exists($0) }
    }

    private func text(_ name: String) -> String? {
        file(name).flatMap { Files.text($0) }.map { String($0.prefix { $0 != "\n" }) }
    }

    private func number(_ name: String) -> Int64? { text(name).flatMap { Int64($0) } }

    private func milliCPUs() -> Int? {
        var quota: Int64?
        var period: Int64?
        if version == .v1 {
            quota = number("cpu.cfs_quota_us")
            period = number("cpu.cfs_period_us")
        } else {
            let words = text("cpu.max")?.split(separator: " ") ?? []
            quota = words.first.flatMap { Int64($0) }
            period = words.last.flatMap { Int64($0) }
        }
        guard let quota, quota > 0, let period, period > 0 else { return nil }
        return Int(quota * 1000 / period)
    }

    /// A limit that is only lifted needs no controller: where there is none, nothing limits.
    private func write(_ value: String, to name: String, isNeeded: Bool) throws(Diagnostic) {
        guard let file = file(name) else {
            guard isNeeded else { return }
            throw Diagnostic(
                code: "update-failed", "this kernel's control groups cannot limit by \(name)",
                hint: "the controller must be enabled")
        }
        try Files.write(value, to: file)
    }
}
