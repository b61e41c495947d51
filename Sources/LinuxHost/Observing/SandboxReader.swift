import Glibc
import Model
import Netlink

/// Reads sandboxes: one visit and three dumps each.
struct SandboxReader {
    /// Living processes of containers: where a sandbox's mount vanished, its namespace is found by them.
    let processes: [String: Int32]

    /// All sandboxes, made into objects at once where they are read: shared out over two threads, a part for each.
    /// Throws where a sandbox cannot be read.
    func readAll(_ links: LinkObjects) async throws(Diagnostic) -> [NamespaceObjects] {
        let names = Set(SandboxDirectory.names()).union(processes.keys).sorted()
        guard !names.isEmpty else { return [] }
        // One thread a processor core pays only where there is enough to read.
        let middle = names.count < 16 ? names.count : names.count / 2
        let empty = NamespaceObjects(links: links)
        async let first = visit(names[..<middle], empty) { $0.add($1) }
        async let second = visit(names[middle...], empty) { $0.add($1) }
        return [try await first.get(), try await second.get()]
    }

    /// Some sandboxes as they are read; those that are not there are missing.
    func read(_ containers: Set<String>) async throws(Diagnostic) -> [SandboxSnapshot] {
        try await visit(containers.sorted()[...], []) { $0.append($1) }.get()
    }

    private func visit<Part: Sendable>(
        _ names: ArraySlice<String>, _ empty: Part, add: @escaping @Sendable (inout Part, SandboxSnapshot) -> Void
    ) async -> Result<Part, Diagnostic> {
        let processes = processes
        guard !names.isEmpty else { return .success(empty) }
        return await NamespaceThread.run { scope in
            var part = empty
            for name in names {
                do throws(NetlinkError) {
                    guard let isBound = Self.enter(name, processes[name], scope) else { continue }
                    let namespace = try NamespaceSnapshot(try NetlinkSocket())
                    add(&part, SandboxSnapshot(container: name, isBound: isBound, namespace: namespace))
                } catch {
                    return .failure(
                        Diagnostic(
                            code: "observation-failed", "cannot read sandbox \(name)", cause: error.description))
                }
            }
            return .success(part)
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
