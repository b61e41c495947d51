import Model
import Netlink
import Planning

/// Adds and removes addresses and routes, which both hang on a link and are one request each.
struct AddressHandler: ObjectHandler {
    let host: NetlinkSocket
    let sandboxes: SandboxDirectory

    var kinds: [ObjectKind] { [.address, .route] }

    private struct Place: Hashable {
        let sandbox: String
        let link: String
    }

    func apply(_ changes: [Change]) async -> [OperationResult] {
        let sockets = await sandboxes.sockets(for: Set(changes.map(\.id.sandbox)).subtracting([""]))
        var links: [Place: LinkMessage] = [:]
        var announced: [Place: NetlinkSocket] = [:]
        var batch = NetlinkBatch()
        // Removals first: what they free may be taken in the same batch.
        let order =
            changes.indices.filter { changes[$0].after == nil } + changes.indices.filter { changes[$0].after != nil }
        for index in order {
            let change = changes[index]
            let place = Place(sandbox: change.id.sandbox, link: change.id.link)
            let socket = place.sandbox.isEmpty ? host : sockets[place.sandbox]
            if links[place] == nil { links[place] = try? socket?.link(.name(place.link)) }
            guard let socket, let link = links[place] else {
                // What hung on a link that is gone went with it.
                if change.after != nil {
                    let message =
                        "there is no link \(place.link)" + (place.sandbox.isEmpty ? "" : " in \(place.sandbox)")
                    batch.fail(index, Diagnostic(code: "no-such-link", message, resource: change.resource))
                }
                continue
            }
            for (request, forgives) in requests(change, link.index) {
                batch.add(request, of: index, on: socket, forgivesAbsence: forgives)
            }
            if change.id.kind == .address, change.after != nil, announced[place] == nil {
                announced[place] = socket
                if place.sandbox.isEmpty { Announcement.enable(place.link) }
            }
        }
        batch.send()
        await Announcement.send(
            announced.compactMap { place, socket in links[place].map { ($0, socket) } }, host: host)
        return batch.results(changes.count)
    }

    private func requests(_ change: Change, _ link: Int32) -> [(NetlinkRequest, Bool)] {
        change.id.kind == .address ? addressRequests(change, link) : Self.routeRequests(change, link)
    }

    private func addressRequests(_ change: Change, _ link: Int32) -> [(NetlinkRequest, Bool)] {
        guard let address = IPPrefix(change.id.name) else { return [] }
        guard change.after != nil else { return [(AddressRequest.delete(address, index: link), true)] }
        let isBroadcast = address.family == .ipv4 && address.length < 31
        // Addresses are ours alone: nobody has to be asked whether somebody has them (RFC 4862, 5.4).
        return [
            (
                AddressRequest.add(
                    address, index: link, protocolNumber: Mark.protocol,
                    flags: address.family == .ipv6 ? .noDuplicateDetection : [],
                    broadcast: isBroadcast ? address.last : nil, replace: change.before != nil), false
            )
        ]
    }

    /// What a change of a route asks for, and of each request whether it forgives that the route is not there.
    static func routeRequests(_ change: Change, _ link: Int32) -> [(NetlinkRequest, Bool)] {
        guard let destination = destination(change.id.name) else { return [] }
        func route(_ object: KernelObject?) -> RouteSpecification {
            RouteSpecification(
                destination, gateway: object?.string(.via).flatMap { IPAddress($0) }, outputIndex: link,
                routeProtocol: RouteProtocol(rawValue: UInt8(object?.int(.protocol) ?? Int(Mark.protocol))))
        }
        guard let after = change.after else { return [(RouteRequest.delete(route(change.before)), true)] }
        var requests: [(NetlinkRequest, Bool)] = []
        // IPv6 would keep both where only the gateway differs.
        if let before = change.before { requests.append((RouteRequest.delete(route(before)), true)) }
        // In place of one that is there: a route outlives its address where the link keeps another one, and with the
        // address ours is made anew, too.
        requests.append((RouteRequest.add(route(after), replace: true), false))
        return requests
    }

    /// The prefix of a route's name; the default routes have names of their own.
    static func destination(_ name: String) -> IPPrefix? {
        switch name {
        case ObjectID.defaultRoute(.ipv4): IPPrefix(IPAddress(family: .ipv4, bits: 0), length: 0)
        case ObjectID.defaultRoute(.ipv6): IPPrefix(IPAddress(family: .ipv6, bits: 0), length: 0)
        default: IPPrefix(name)
        }
    }
}
