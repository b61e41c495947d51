import Model
import Netlink
import Planning

/// Where a notification is about.
public enum NoticePlace: Hashable, Sendable {
    /// A container, in its sandbox or at the host's end of its links.
    case container(String)
    /// A link of the host.
    case link(String)
    /// No link that is known.
    case host
}

/// What a notification says about objects that are known.
public enum NoticeMeaning: Hashable, Sendable {
    /// What it tells is known already, or is no affair of ours: nobody has to look.
    case known
    /// Something is other than it was seen last.
    case news
}

/// Compares notifications with what was seen last: one that repeats it wakes nothing, and so our own changes, which
/// were read back when they were made, are not taken for somebody else's.
struct NoticeReading {
    let links: LinkObjects
    let names: [Int32: String]

    /// What a notice means. `known` has the objects of its scope as last seen.
    func meaning(of notice: KernelNews.Notice, _ known: Observation) -> NoticeMeaning {
        let sandbox = notice.container ?? ""
        switch notice.event {
        case .link(let link): return isKnown(link, sandbox, known) ? .known : .news
        case .linkRemoved(let link): return known.objects[.link(link.name, in: sandbox)] == nil ? .known : .news
        case .address(let address):
            let same = find(.address, address.address.description, address.index, sandbox, known)
            if let same { return same.int(.protocol) == Int(address.protocolNumber) ? .known : .news }
            // What others add to our links is theirs.
            return address.protocolNumber == Mark.protocol ? .news : .known
        case .addressRemoved(let address):
            return find(.address, address.address.description, address.index, sandbox, known) == nil ? .known : .news
        case .route(let route):
            guard let name = Self.name(of: route) else { return .known }
            let same = find(.route, name, route.outputIndex ?? 0, sandbox, known)
            // What others add is theirs.
            guard let same else { return route.routeProtocol.rawValue == Mark.protocol ? .news : .known }
            let isSame = same.string(.via) == route.gateway?.description ?? ""
            return isSame && same.int(.protocol) == Int(route.routeProtocol.rawValue) ? .known : .news
        case .routeRemoved(let route):
            guard let name = Self.name(of: route) else { return .known }
            return find(.route, name, route.outputIndex ?? 0, sandbox, known) == nil ? .known : .news
        case .bridgePort, .bridgePortRemoved, .settings: return .news
        case .neighbour(let entry): return isKnown(entry, isGone: false, known) ? .known : .news
        case .neighbourRemoved(let entry): return isKnown(entry, isGone: true, known) ? .known : .news
        case .namespaceID, .namespaceIDRemoved: return .known
        }
    }

    private func isKnown(_ link: LinkMessage, _ sandbox: String, _ known: Observation) -> Bool {
        if link.isLoopback {
            let object = known.objects[.sandbox(sandbox)]
            return sandbox.isEmpty
                || object?.bool(.loopback) == link.isUp && object?.string(.alias) == link.alias ?? ""
        }
        guard let object = known.objects[.link(link.name, in: sandbox)] else { return false }
        let (_, mark) = links.ownership(link)
        let now =
            sandbox.isEmpty ? links.hostLink(link, mark, inner: nil) : links.sandboxLink(link, mark, in: sandbox)
        if now.fields == object.fields { return true }
        // A bridge has a carrier while it has ports that are up: it matters of one that stands in for a parent alone.
        guard mark?.role != Mark.standIn, let seen = object[.carrier], seen != now[.carrier] else { return false }
        return now.fields.filter { $0.name != .carrier } == object.fields.filter { $0.name != .carrier }
    }

    /// Whether an entry of a vxlan is as it was seen last, or is none that matters.
    private func isKnown(_ entry: NeighbourMessage, isGone: Bool, _ known: Observation) -> Bool {
        guard let link = names[entry.index] else { return true }
        if entry.isForwarding {
            guard let mac = entry.macAddress else { return true }
            let object = known.objects[.forwarding(mac, on: link)]
            if entry.flags.contains(.own) {
                let seen = object?.string(.destination) ?? ""
                return isGone ? seen.isEmpty : seen == entry.destination?.description
            }
            // The bridge's entries for its own host are the kernel's.
            if !isGone, !entry.isStatic { return object?.bool(.bridged) != true }
            return (object?.bool(.bridged) ?? false) != isGone
        }
        guard let address = entry.destination else { return true }
        let object = known.objects[.neighbour(address, on: link)]
        // One that is removed is told of without a MAC (neigh_fill_info in net/core/neighbour.c).
        if isGone || !entry.isPermanent { return object == nil }
        guard let object else { return entry.protocolNumber != Mark.protocol }
        return object.string(.mac) == entry.macAddress?.description
            && object.int(.protocol) == Int(entry.protocolNumber)
    }

    /// The object of a name. In a sandbox the index of a link is not known: there the name must do.
    private func find(
        _ kind: ObjectKind, _ name: String, _ index: Int32, _ sandbox: String, _ known: Observation
    ) -> KernelObject? {
        if sandbox.isEmpty { return names[index].flatMap { known.objects[ObjectID(kind, name, on: $0)] } }
        return known.objects.values.first { $0.id.kind == kind && $0.id.name == name && $0.id.sandbox == sandbox }
    }

    /// `nil` for routes that are the kernel's own affair.
    private static func name(of route: RouteMessage) -> String? {
        guard route.routeProtocol != .kernel, route.kind == .unicast else { return nil }
        return route.isDefault ? ObjectID.defaultRoute(route.destination.family) : route.destination.description
    }
}
