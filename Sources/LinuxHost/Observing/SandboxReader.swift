import Glibc
import Model
import Netlink

/// Reads all sandboxes: one visit and three dumps each, shared out over two threads.
struct SandboxReader {
    let directory: SandboxDirectory
    /// Living processes of containers: where a sandbox's mount vanished, its namespace is found by them.
    let processes: [String: Int32]

    /// What was seen, and what could not be read.
    func read() async throws(Diagnostic) -> [SandboxSnapshot] {
        try await read(Set(SandboxDirectory.names()).union(processes.keys))
    }

    /// The same, of some containers only; those that have no sandbox are missing.
    func read(_ containers: Set<String>) async throws(Diagnostic) -> [SandboxSnapshot] {
        let names = containers.sorted()
        guard !names.isEmpty else { return [] }
        // One thread a processor core pays only where there is enough to read.
        let middle = names.count < 16 ? names.count : names.count / 2
        async let first = read(names[..<middle])
        async let second = read(names[middle...])
        let results = await [first, second]
        var snapshots: [SandboxSnapshot] = []
        for result in results { snapshots += try result.get() }
        return snapshots
    }

    private func read(_ names: ArraySlice<String>) async -> Result<[SandboxSnapshot], Diagnostic> {
        guard !names.isEmpty else { return .success([]) }
        let processes = processes
        return await NamespaceThread.run { scope in
            var snapshots: [SandboxSnapshot] = []
            snapshots.reserveCapacity(names.count)
            for name in names {
                do throws(NetlinkError) {
                    guard let isBound = Self.enter(name, processes[name], scope) else { continue }
                    let namespace = try NamespaceSnapshot(try NetlinkSocket())
                    snapshots.append(SandboxSnapshot(container: name, isBound: isBound, namespace: namespace))
                } catch {
                    return .failure(
                        Diagnostic(
                            code: "observation-failed", "cannot read sandbox \(name)", cause: error.description))
                }
            }
            return .success(snapshots)
        }
    }

    /// Enters a sandbox; answers whether it is bound at its path, or `nil` where there is none.
    private static func enter(_ name: String, _ process: Int32?, _ scope: borrowing NamespaceThread.Scope) -> Bool? {
        if let file = try? FileDescriptor(SandboxDirectory.path(name)), (try? scope.enter(file.rawValue)) != nil {
            return true
        }
        guard let process, let file = try? FileDescriptor("/proc/\(process)/ns/net"),
            (try? scope.enter(file.rawValue)) != nil
        else { return nil }
        return false
    }
}
