import Model
import Netlink
import Planning

/// Reads single links and single sandboxes, with the host's ends of their pairs: a handful of requests, however much
/// else there is.
struct ScopeReader {
    let set: String
    let socket: NetlinkSocket
    let sandboxes: SandboxReader
    /// Whether another set's pass is under way.
    let others: OtherPasses

    /// What was seen, in one heap: the scopes' own objects and nothing else of the host.
    func read(
        links: Set<String>, containers: Set<String>
    ) async throws(Diagnostic) -> (objects: Observation, links: [LinkMessage]) {
        let snapshots = try await sandboxes.read(containers)
        let host: NamespaceSnapshot
        let names: [Int32: String]
        do throws(NetlinkError) {
            (host, names) = try readHost(
                links, ends: snapshots.flatMap(\.outerEnds), parents: snapshots.flatMap(\.parents))
        } catch {
            throw NetlinkBatch.diagnostic(error)
        }
        var objects = NamespaceObjects(links: LinkObjects(set: set, hostNames: names, others: others))
        for snapshot in snapshots { objects.add(snapshot) }
        objects.addHost(host)
        return (objects.take(), host.links)
    }

    private func readHost(
        _ names: Set<String>, ends: [Int32], parents: [Int32]
    ) throws(NetlinkError) -> (NamespaceSnapshot, [Int32: String]) {
        var host = NamespaceSnapshot()
        for name in names.sorted() {
            guard let link = try socket.link(.name(name)) else { continue }
            host.links.append(link)
            host.addresses += try socket.addresses(index: link.index)
        }
        for index in ends {
            if let link = try socket.link(.index(index)) { host.links.append(link) }
        }
        var byIndex: [Int32: String] = [:]
        for link in host.links { byIndex[link.index] = link.name }
        let below = host.links.filter { $0.vlan != nil && $0.parentNamespaceID == nil }.compactMap(\.parent)
        for index in Set(host.links.compactMap(\.master) + below + parents) where byIndex[index] == nil {
            byIndex[index] = try socket.link(.index(index))?.name
        }
        return (host, byIndex)
    }
}

extension SandboxSnapshot {
    /// The indexes, on the host, of the links whose other end is in this sandbox.
    var outerEnds: [Int32] {
        namespace.links.filter { $0.kind == "veth" && $0.parentNamespaceID != nil }.compactMap(\.parent)
    }

    /// The indexes, on the host, of what links in this sandbox sit on.
    var parents: [Int32] {
        namespace.links.filter { $0.kind != "veth" && $0.parentNamespaceID != nil }.compactMap(\.parent)
    }
}
