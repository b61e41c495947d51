import Model
import Netlink
import Planning

extension LinuxHost {
    /// What is ours, for a watch. `containers` are those whose sandboxes may have been made anew; the host gets an id
    /// for each of their namespaces, without which it would hear nothing of them (RTM_NEWNSID).
    public func watched(_ last: WatchedHost, containers: Set<String>) -> WatchedHost {
        var watched = last
        watched.links = index.ours
        watched.tunnels = index.tunnels
        for (id, name) in watched.containers where containers.contains(name) { watched.containers[id] = nil }
        for name in containers.sorted() {
            guard let file = try? FileDescriptor(SandboxDirectory.path(name)) else { continue }
            if let id = identify(.descriptor(file.rawValue)) { watched.containers[id] = name }
        }
        return watched
    }

    private func identify(_ namespace: NamespaceReference) -> Int32? {
        if let id = try? socket.namespaceID(namespace) { return id }
        try? socket.perform(NamespaceIDRequest.assign(namespace))
        return (try? socket.namespaceID(namespace)) ?? nil
    }

    /// Where a notice is about.
    public func place(of notice: KernelNews.Notice) -> NoticePlace {
        if let container = notice.container { return .container(container) }
        switch notice.event {
        case .link(let link), .linkRemoved(let link), .bridgePort(let link), .bridgePortRemoved(let link):
            let resource = link.alias.flatMap { Mark(alias: $0) }?.resource
            if let resource, resource.kind == .container { return .container(resource.name) }
            // A port's notice has no alias, and a link's alias may be what was changed.
            return .link(link.name)
        case .address(let address), .addressRemoved(let address): return place(address.index)
        case .route(let route), .routeRemoved(let route): return place(route.outputIndex ?? 0)
        case .settings(let index): return place(index)
        case .neighbour(let entry), .neighbourRemoved(let entry): return place(entry.index)
        case .namespaceID, .namespaceIDRemoved: return .host
        }
    }

    private func place(_ index: Int32) -> NoticePlace { self.index.names[index].map { .link($0) } ?? .host }

    /// Where the entries of a vxlan belong, of which there were too many notices to keep.
    public func place(ofTunnel index: Int32) -> NoticePlace { place(index) }

    /// What a notice means, seen against the objects of its scope as they were seen last.
    public func meaning(of notice: KernelNews.Notice, _ known: Observation) -> NoticeMeaning {
        let names = index.names
        let links = LinkObjects(set: set, hostNames: names, others: .none(but: set))
        return NoticeReading(links: links, names: names).meaning(of: notice, known)
    }
}
