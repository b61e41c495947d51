import Model
import Planning

/// Writes sysctls; removing one writes back what was there before us.
struct SysctlHandler: ObjectHandler {
    let memory: SysctlMemory

    var kinds: [ObjectKind] { [.sysctl] }

    func apply(_ changes: [Change]) async -> [OperationResult] {
        do throws(Diagnostic) {
            try remember(changes)
        } catch {
            // A value that cannot be noted is not changed: nobody could put it back.
            return changes.map { _ in .failed(error) }
        }
        var restored: [String] = []
        var results: [OperationResult] = []
        for change in changes {
            do throws(Diagnostic) {
                if let after = change.after {
                    try write(after.string(.value) ?? "", change.id.name)
                } else {
                    try restore(change.id.name)
                    restored.append(change.id.name)
                }
                results.append(.done)
            } catch {
                results.append(.failed(error))
            }
        }
        if !restored.isEmpty { try? memory.forget(restored) }
        return results
    }

    /// Those of our own links go with the link, and need no memory.
    private func remember(_ changes: [Change]) throws(Diagnostic) {
        var originals: [String: String] = [:]
        for change in changes where change.after?.hangsOn.isEmpty == true {
            if let value = SmallFile.read("/proc/sys/\(change.id.name)") { originals[change.id.name] = value }
        }
        try memory.remember(originals) { Self.isOnForAll($0) == false }
    }

    private func restore(_ path: String) throws(Diagnostic) {
        guard let entry = memory.entries()[path] else {
            if let value = Self.defaultValue(path) { try write(value, path) }
            return
        }
        guard let original = memory.original(path) else { return }
        // Somebody turned it on for all links since, and so for this one: he needs it.
        if entry.wasOffForAll, Self.isOnForAll(path) == true { return }
        try write(original, path)
    }

    /// Whether forwarding is on for all links, of which the path names one (devinet_sysctl_forward in
    /// net/ipv4/devinet.c: writing `all` writes every link's); `nil` for any other path.
    static func isOnForAll(_ path: String) -> Bool? {
        guard path.hasPrefix("net/ipv4/conf/"), path.hasSuffix("/forwarding") else { return nil }
        return SmallFile.read("/proc/sys/net/ipv4/conf/all/forwarding") == "1"
    }

    /// What the kernel gives new links.
    static func defaultValue(_ path: String) -> String? {
        let parts = path.split(separator: "/")
        guard parts.count == 5, parts[2] == "conf", !["all", "default"].contains(parts[3]) else { return nil }
        return SmallFile.read("/proc/sys/\(parts[0])/\(parts[1])/conf/default/\(parts[4])")
    }

    private func write(_ value: String, _ path: String) throws(Diagnostic) {
        do throws(Errno) {
            try SmallFile.write(value, to: "/proc/sys/\(path)")
        } catch {
            throw error.diagnostic(code: "sysctl-refused", "cannot set \(path) to \(value)", call: "write")
        }
    }
}
