import CLinux
import Glibc
import Model
import Netlink
import Planning

/// Makes, binds and removes sandboxes.
struct SandboxHandler: ObjectHandler {
    /// In the host's namespace, for the outer ends of pairs.
    let host: NetlinkSocket
    let directory: SandboxDirectory
    /// Where a living process still holds a sandbox: the path of its namespace, by container.
    let namespaceOfProcess: @Sendable (String) -> String?

    var kinds: [ObjectKind] { [.sandbox] }

    func apply(_ changes: [Change]) async -> [OperationResult] {
        if changes.contains(where: { $0.after != nil }), let failure = SandboxDirectory.prepare() {
            return changes.map { _ in .failed(failure) }
        }
        defer { SandboxDirectory.removeIfEmpty() }
        return await NamespaceThread.run { scope in
            // Links go first, all at once: the kernel takes a namespace down at leisure, and until then its pairs would
            // stand in the way of their successors.
            let leaving = changes.filter { $0.action == .delete || $0.action == .replace }
            LinkRemoval(socket: host).remove(leaving.flatMap { takeLinks($0.id.name, scope) })
            return changes.map { change in
                do throws(Diagnostic) {
                    try carryOut(change, scope)
                    return .done
                } catch {
                    return .failed(error)
                }
            }
        }
    }

    private func carryOut(_ change: Change, _ scope: borrowing NamespaceThread.Scope) throws(Diagnostic) {
        let name = change.id.name
        switch change.action {
        case .create: try create(change.object, scope)
        case .update: try update(change, scope)
        case .delete: try delete(name)
        case .replace:
            try delete(name)
            try create(change.object, scope)
        }
    }

    private func create(_ object: KernelObject, _ scope: borrowing NamespaceThread.Scope) throws(Diagnostic) {
        let name = object.id.name
        do throws(Errno) { try scope.enterNew() } catch {
            throw error.diagnostic(code: "sandbox-failed", "cannot make a network namespace", call: "unshare")
        }
        Announcement.enableForAll()
        let socket = try open(name)
        try mark(socket, alias: object.string(.alias) ?? "")
        try bind("/proc/thread-self/ns/net", name)
        directory.remember(socket, for: name)
    }

    private func update(_ change: Change, _ scope: borrowing NamespaceThread.Scope) throws(Diagnostic) {
        let name = change.id.name
        if change.fields.contains(where: { $0.name == .bound }), let path = namespaceOfProcess(name) {
            try bind(path, name)
        }
        try enter(name, scope)
        try mark(try open(name), alias: change.object.string(.alias) ?? "")
    }

    /// The mark comes before the bind mount, so that no sandbox stands there unmarked.
    private func mark(_ socket: NetlinkSocket, alias: String) throws(Diagnostic) {
        for result in socket.transact([LinkRequest.set(.name("lo"), LinkAttributes(alias: alias, isUp: true))]) {
            if case .failure(let error) = result {
                throw Diagnostic(code: "sandbox-failed", "cannot mark the sandbox", cause: error.description)
            }
        }
    }

    /// Removes the links of a sandbox that sit on links of the host: until they are gone their MACs are taken there.
    /// Answers with the indexes, on the host, of those whose other end is in it.
    private func takeLinks(_ name: String, _ scope: borrowing NamespaceThread.Scope) -> [Int32] {
        guard (try? enter(name, scope)) != nil, let socket = try? NetlinkSocket(), let links = try? socket.links()
        else { return [] }
        let sitting = links.filter { $0.kind != "veth" && $0.parentNamespaceID != nil && $0.group == Mark.linkGroup }
        if !sitting.isEmpty { LinkRemoval(socket: socket).remove(sitting.map(\.index)) }
        return links.filter { $0.kind == "veth" && $0.parentNamespaceID != nil }.compactMap(\.parent)
    }

    private func delete(_ name: String) throws(Diagnostic) {
        directory.forget(name)
        let path = SandboxDirectory.path(name)
        while umount2(path, Int32(MNT_DETACH)) == 0 {}
        guard unlink(path) == 0 || errno == ENOENT else {
            throw Errno().diagnostic(code: "sandbox-failed", "cannot remove \(path)", call: "unlink")
        }
    }

    private func enter(_ name: String, _ scope: borrowing NamespaceThread.Scope) throws(Diagnostic) {
        do throws(Errno) {
            let file = try FileDescriptor(SandboxDirectory.path(name))
            try scope.enter(file.rawValue)
        } catch {
            throw error.diagnostic(code: "sandbox-failed", "cannot enter sandbox \(name)", call: "setns")
        }
    }

    private func open(_ name: String) throws(Diagnostic) -> NetlinkSocket {
        do throws(NetlinkError) { return try NetlinkSocket() } catch {
            throw Diagnostic(
                code: "sandbox-failed", "cannot open netlink in sandbox \(name)", cause: error.description)
        }
    }

    private func bind(_ source: String, _ name: String) throws(Diagnostic) {
        let path = SandboxDirectory.path(name)
        let file = Glibc.open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0o444)
        guard file >= 0 else { throw Errno().diagnostic(code: "sandbox-failed", "cannot make \(path)", call: "open") }
        close(file)
        guard mount(source, path, "none", UInt(MS_BIND), nil) == 0 else {
            let error = Errno()
            unlink(path)
            throw error.diagnostic(code: "sandbox-failed", "cannot bind the sandbox at \(path)", call: "mount")
        }
    }
}
