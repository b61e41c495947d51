import Glibc
import Model
import Netlink

/// Reads all sandboxes: one visit and three dumps each, made into objects at once, shared out over two threads.
struct SandboxReader {
    let links: LinkObjects
    /// Living processes of containers: where a sandbox's mount vanished, its namespace is found by them.
    let processes: [String: Int32]

    /// What was seen, a part for each thread; throws where a sandbox cannot be read.
    func read() async throws(Diagnostic) -> [NamespaceObjects] {
        let names = Set(SandboxDirectory.names()).union(processes.keys).sorted()
        guard !names.isEmpty else { return [] }
        // One thread a processor core pays only where there is enough to read.
        let middle = names.count < 16 ? names.count : names.count / 2
        async let first = read(names[..<middle])
        async let second = read(names[middle...])
        return [try await first.get(), try await second.get()]
    }

    private func read(_ names: ArraySlice<String>) async -> Result<NamespaceObjects, Diagnostic> {
        let (links, processes) = (links, processes)
        guard !names.isEmpty else { return .success(NamespaceObjects(links: links)) }
        return await NamespaceThread.run { scope in
            var objects = NamespaceObjects(links: links)
            for name in names {
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
