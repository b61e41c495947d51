import Model
import Netlink
import Planning

/// Makes kernel objects of what was read in the host's namespace and in the sandboxes.
struct NamespaceObjects {
    let links: LinkObjects
    private var observation = Observation()
    /// Ids of sandbox links by the name of their outer end.
    private var innerEnds: [String: ObjectID] = [:]

    init(links: LinkObjects) { self.links = links }

    /// What was made, handed over without a copy.
    mutating func take() -> Observation {
        defer { observation = Observation() }
        return observation
    }

    /// Sandboxes come first: the host's ends of their pairs refer to them.
    mutating func add(_ sandbox: SandboxSnapshot) {
        let name = sandbox.container
        let messages = sandbox.namespace.links
        let loopback = messages.first(where: \.isLoopback)
        let alias = loopback?.alias ?? ""
        let mark = Mark(alias: alias)
        let object = KernelObject(
            .sandbox(name), owner: mark?.resource ?? .container(name),
            fields: [
                Field(.alias, .string(alias)), Field(.loopback, .bool(loopback?.isUp ?? false)),
                Field(.bound, .bool(sandbox.isBound)),
            ])
        guard mark?.set == links.set else {
            let whose =
                mark.map { "it belongs to \($0.resource) of set \($0.set)" } ?? "its lo bears no mark of reconcile"
            // A living process of ours proves whose a sandbox is, even if its mark was wiped.
            return observation.insert(object, sandbox.isBound ? .foreign(whose) : .unmarked)
        }
        observation.insert(object)
        var names: [Int32: (name: String, ownership: Ownership)] = [:]
        for link in messages where !link.isLoopback {
            let (ownership, linkMark) = links.ownership(link)
            let object = links.sandboxLink(link, linkMark, in: name)
            names[link.index] = (link.name, ownership)
            if let peer = object.string(.peer), !peer.isEmpty { innerEnds[peer] = object.id }
            observation.insert(object, ownership)
        }
        addAddresses(sandbox.namespace.addresses, names, in: name)
        addRoutes(sandbox.namespace.routes, names, in: name)
    }

    /// The host's links that matter: ours, and those that bear a name which a plan may want.
    mutating func addHost(_ host: NamespaceSnapshot) {
        var names: [Int32: (name: String, ownership: Ownership)] = [:]
        for link in host.links where !link.isLoopback {
            let (ownership, mark) = links.ownership(link)
            if case .foreign = ownership {} else { names[link.index] = (link.name, ownership) }
            observation.insert(links.hostLink(link, mark, inner: innerEnds[link.name]), ownership)
        }
        addAddresses(host.addresses, names, in: "")
    }

    private mutating func addAddresses(
        _ addresses: [AddressMessage], _ names: [Int32: (name: String, ownership: Ownership)], in sandbox: String
    ) {
        for message in addresses {
            guard let link = names[message.index] else { continue }
            let object = KernelObject(
                .address(message.address, on: link.name, in: sandbox), owner: owner(link.name, sandbox),
                fields: [Field(.protocol, .int(Int(message.protocolNumber)))],
                hangsOn: [.link(link.name, in: sandbox)],
                keys: sandbox.isEmpty ? ["subnet \(message.address.network)"] : [])
            observation.insert(object, message.protocolNumber == Mark.protocol ? link.ownership : .unmarked)
        }
    }

    private mutating func addRoutes(
        _ routes: [RouteMessage], _ names: [Int32: (name: String, ownership: Ownership)], in sandbox: String
    ) {
        for route in routes where route.routeProtocol != .kernel && route.kind == .unicast {
            guard let link = route.outputIndex.flatMap({ names[$0] }) else { continue }
            let family = route.destination.family
            let destination = route.isDefault ? ObjectID.defaultRoute(family) : route.destination.description
            let isOurs = route.routeProtocol.rawValue == Mark.protocol
            let id = ObjectID.route(destination, on: link.name, in: sandbox)
            // Where somebody added another route to the same destination, ours is the one that is compared.
            guard isOurs || observation.objects[id] == nil else { continue }
            let object = KernelObject(
                id, owner: owner(link.name, sandbox),
                fields: [
                    Field(.via, .string(route.gateway?.description ?? "")),
                    Field(.protocol, .int(Int(route.routeProtocol.rawValue))),
                ], hangsOn: [.link(link.name, in: sandbox)])
            observation.unmarked.remove(id)
            observation.insert(object, isOurs ? link.ownership : .unmarked)
        }
    }

    private func owner(_ link: String, _ sandbox: String) -> ResourceID? {
        observation.objects[.link(link, in: sandbox)]?.owner
    }
}
