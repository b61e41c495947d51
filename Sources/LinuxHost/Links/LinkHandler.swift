import Glibc
import Model
import Netlink
import Planning

/// Makes, changes and removes links, on the host and in sandboxes.
///
/// Four steps, each one batch a namespace: what goes; what is made (with group, so never unmarked); what can be set
/// only on a link that exists (alias, master, IPv6 mode); and last what brings it up, because the kernel gives a link
/// its addresses then.
struct LinkHandler: ObjectHandler {
    let host: NetlinkSocket
    let sandboxes: SandboxDirectory

    var kinds: [ObjectKind] { [.link] }

    func apply(_ changes: [Change]) async -> [OperationResult] {
        let sockets = await sandboxes.sockets(for: Set(changes.map(\.id.sandbox)).subtracting([""]))
        let files = changes.map { change in
            change.after != nil && change.action != .update && !change.id.sandbox.isEmpty
                ? NamespaceFiles(change.id.sandbox) : nil
        }
        var batch = NetlinkBatch()
        var present: [Int: NetlinkSocket] = [:]
        var leaving: [Int32] = []
        for (index, change) in changes.enumerated() {
            guard let socket = change.id.sandbox.isEmpty ? host : sockets[change.id.sandbox] else {
                if change.action != .delete { batch.fail(index, Self.noSandbox(change)) }
                continue
            }
            present[index] = socket
            guard change.action == .delete || change.action == .replace else { continue }
            if change.id.sandbox.isEmpty {
                if let link = try? host.link(.name(change.id.name)) { leaving.append(link.index) }
            } else {
                batch.add(LinkRequest.delete(.name(change.id.name)), of: index, on: socket, forgivesAbsence: true)
            }
        }
        batch.send()
        LinkRemoval(socket: host).remove(leaving)
        var indexes: [String: Int32] = [:]
        func indexOf(_ name: String) -> Int32? {
            if let known = indexes[name] { return known }
            let found = (try? host.link(.name(name)))?.index
            indexes[name] = found
            return found
        }
        for (index, change) in changes.enumerated() where present[index] != nil {
            guard let object = change.after, change.action != .update else { continue }
            var parent: Int32?
            if let name = object.string(.parent) {
                parent = indexOf(name)
                guard parent != nil else {
                    batch.fail(index, Self.noParent(change, name))
                    continue
                }
            }
            if let request = LinkCreation.request(object, namespace: files[index]?.descriptor, parent: parent) {
                batch.add(request, of: index, on: host)
            }
        }
        // The requests name the files by descriptor: they must be open until the kernel has read them.
        withExtendedLifetime(files) { batch.send() }
        for change in changes where change.id.sandbox.isEmpty { prepareAnnouncement(change) }
        for (index, change) in changes.enumerated() {
            guard let object = change.after, let socket = present[index], batch.failures[index] == nil else { continue }
            let settings = LinkSettings(change, object)
            settings.queue(&batch, operation: index, on: socket, indexOf: indexOf)
        }
        batch.send()
        for (index, change) in changes.enumerated() {
            guard let object = change.after, let socket = present[index], batch.failures[index] == nil,
                change.action != .update || change.fields.contains(where: { $0.name == .up }), let up = object.bool(.up)
            else { continue }
            batch.add(LinkRequest.set(.name(object.id.name), LinkAttributes(isUp: up)), of: index, on: socket)
        }
        batch.send()
        return batch.results(changes.count)
    }

    private static func noParent(_ change: Change, _ name: String) -> Diagnostic {
        Diagnostic(
            code: "no-such-link", "there is no link \(name) for \(change.id) to sit on", resource: change.resource)
    }

    /// A bridge that gets another MAC is the gateway of containers that know the old one.
    private func prepareAnnouncement(_ change: Change) {
        guard let object = change.after, object.string(.type) == "bridge",
            change.action != .update || change.fields.contains(where: { $0.name == .mac })
        else { return }
        Announcement.enable(object.id.name)
    }

    private static func noSandbox(_ change: Change) -> Diagnostic {
        Diagnostic(code: "sandbox-missing", "sandbox \(change.id.sandbox) cannot be entered", resource: change.resource)
    }
}

/// The open file of a sandbox, for as long as requests name it.
private final class NamespaceFiles: Sendable {
    let descriptor: Int32

    init(_ sandbox: String) { descriptor = open(SandboxDirectory.path(sandbox), O_RDONLY | O_CLOEXEC) }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
