import Glibc
import Model
import Netlink
import Synchronization

/// Reads all sandboxes: one visit and three dumps each, made into objects at once, shared out over two threads.
struct SandboxReader {
    let links: LinkObjects
    /// Living processes of containers: where a sandbox's mount vanished, its namespace is found by them.
    let processes: [String: Int32]

    /// What was seen, a part for each thread; throws where a sandbox cannot be read.
    func read() async throws(Diagnostic) -> [NamespaceObjects] {
        let names = Set(SandboxDirectory.names()).union(processes.keys).sorted()
        guard !names.isEmpty else { return [] }
        let list = SharedList(names)
        // A second thread pays only where there is enough to read.
        guard names.count >= 16 else { return [try await read(list).get()] }
        async let first = read(list)
        async let second = read(list)
        return [try await first.get(), try await second.get()]
    }

    private func read(_ list: SharedList) async -> Result<NamespaceObjects, Diagnostic> {
        let (links, processes) = (links, processes)
        return await NamespaceThread.run { scope in
            var objects = NamespaceObjects(links: links)
            while let name = list.next() {
                do throws(NetlinkError) {
                    guard let isBound = Self.enter(name, processes[name], scope) else { continue }
                    let namespace = try NamespaceSnapshot(try NetlinkSocket())
                    objects.add(SandboxSnapshot(container: name, isBound: isBound, namespace: namespace))
                } catch {
                    return .failure(
                        Diagnostic(
                            code: "observation-failed", "cannot read sandbox \(name)", cause: error.description))
                }
            }
            return .success(objects)
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

    func next() -> String? {
        let index = taken.add(1, ordering: .relaxed).oldValue
        return index < names.count ? names[index] : nil
    }
}
