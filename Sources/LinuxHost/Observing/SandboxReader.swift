import Glibc
import Model
import Netlink
import Synchronization

/// Reads sandboxes: one visit and three dumps each.
struct SandboxReader {
    /// Living processes of containers: where a sandbox's mount vanished, its namespace is found by them.
    let processes: [String: Int32]

    /// All sandboxes, made into objects at once where they are read: shared out over two threads, a part for each.
    /// Throws where a sandbox cannot be read.
    func readAll(_ links: LinkObjects) async throws(Diagnostic) -> [NamespaceObjects] {
        let names = Set(SandboxDirectory.names()).union(processes.keys).sorted()
        guard !names.isEmpty else { return [] }
        let list = SharedList(names)
        let empty = NamespaceObjects(links: links)
        // A second thread pays only where there is enough to read.
        guard names.count >= 16 else { return [try await visit(list, empty) { $0.add($1) }.get()] }
        async let first = visit(list, empty) { $0.add($1) }
        async let second = visit(list, empty) { $0.add($1) }
        return [try await first.get(), try await second.get()]
    }

    /// Some sandboxes as they are read; those that are not there are missing.
    func read(_ containers: Set<String>) async throws(Diagnostic) -> [SandboxSnapshot] {
        guard !containers.isEmpty else { return [] }
        return try await visit(SharedList(containers.sorted()), []) { $0.append($1) }.get()
    }

    private func visit<Part: Sendable>(
        _ list: SharedList, _ empty: Part, add: @escaping @Sendable (inout Part, SandboxSnapshot) -> Void
    ) async -> Result<Part, Diagnostic> {
        let processes = processes
        return await NamespaceThread.run { scope in
            var part = empty
            if list.count >= 256 { HeapReserve.take() }
            while let name = list.next() {
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

/// Names that threads take in turn, so that both end at the same time, whatever else runs on the machine.
private final class SharedList: Sendable {
    private let names: [String]
    private let taken = Atomic<Int>(0)

    init(_ names: [String]) { self.names = names }

    var count: Int { names.count }

    func next() -> String? {
        let index = taken.add(1, ordering: .relaxed).oldValue
        return index < names.count ? names[index] : nil
    }
}
