import Drivers
import Model
import Netlink
import Planning

/// What is known of a link when its addresses and routes are looked at.
private struct ObservedLink {
    let name: String
    let ownership: Ownership
    /// What its alias says, where it bears a mark.
    let mark: Mark?
    /// Its network has no other address than those of its links: they tell the subnets.
    var tellsSubnet = false
}

/// Makes kernel objects of what was read in the host's namespace and in the sandboxes, and notes the addresses that our
/// networks and endpoints have.
struct NamespaceObjects {
    let links: LinkObjects
    /// What our endpoints have.
    private(set) var endpoints: [EndpointKey: EndpointFacts] = [:]
    /// The subnets of our bridges.
    private(set) var subnets: [String: [IPPrefix]] = [:]
    private var observation = Observation()
    /// Ids of sandbox links by the name of their outer end.
    private var innerEnds: [String: ObjectID] = [:]

    init(links: LinkObjects) { self.links = links }

    /// What was made, handed over without a copy.
    mutating func take() -> Observation {
        defer { observation = Observation() }
        return observation
    }

    /// Adds what was made of other sandboxes.
    mutating func merge(_ other: NamespaceObjects) {
        observation.merge(other.observation)
        innerEnds.merge(other.innerEnds) { $1 }
        endpoints.merge(other.endpoints) { $1 }
        for (network, prefixes) in other.subnets { subnets[network, default: []] += prefixes }
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
        var names: [Int32: ObservedLink] = [:]
        for link in messages where !link.isLoopback {
            let (ownership, linkMark) = links.ownership(link)
            let object = links.sandboxLink(link, linkMark, in: name)
            names[link.index] = ObservedLink(
                name: link.name, ownership: ownership, mark: linkMark, tellsSubnet: object[.parent] != nil)
            if ownership == .ours, let network = linkMark?.network {
                endpoints[EndpointKey(container: name, network: network), default: EndpointFacts()].interface =
                    link.name
            }
            if let peer = object.string(.peer), !peer.isEmpty { innerEnds[peer] = object.id }
            observation.insert(object, ownership)
        }
        addAddresses(sandbox.namespace.addresses, names, in: name)
        addRoutes(sandbox.namespace.routes, names, in: name)
    }

    /// The host's links that matter: ours, and those that bear a name which a plan may want.
    mutating func addHost(_ host: NamespaceSnapshot) {
        var names: [Int32: ObservedLink] = [:]
        for link in host.links where !link.isLoopback {
            let (ownership, mark) = links.ownership(link)
            if case .foreign = ownership {
            } else {
                names[link.index] = ObservedLink(name: link.name, ownership: ownership, mark: mark)
            }
            observation.insert(links.hostLink(link, mark, inner: innerEnds[link.name]), ownership)
        }
        addAddresses(host.addresses, names, in: "")
    }

    private mutating func addAddresses(
        _ addresses: [AddressMessage], _ names: [Int32: ObservedLink], in sandbox: String
    ) {
        for message in addresses {
            guard let link = names[message.index] else { continue }
            let object = KernelObject(
                .address(message.address, on: link.name, in: sandbox), owner: owner(link.name, sandbox),
                fields: [Field(.protocol, .int(Int(message.protocolNumber)))],
                hangsOn: [.link(link.name, in: sandbox)], keys: keys(message.address, link, sandbox))
            let isOurs = message.protocolNumber == Mark.protocol
            observation.insert(object, isOurs ? link.ownership : .unmarked)
            if isOurs, link.ownership == .ours, let mark = link.mark {
                note(message.address, mark, sandbox)
                if link.tellsSubnet, let network = mark.network, !(message.address.address.isLinkLocal),
                    subnets[network]?.contains(message.address.network) != true
                {
                    subnets[network, default: []].append(message.address.network)
                }
            }
        }
    }

    private mutating func note(_ prefix: IPPrefix, _ mark: Mark, _ sandbox: String) {
        if sandbox.isEmpty {
            // A bridge's link-local address is of no subnet that was chosen.
            guard prefix.family == .ipv4 || !prefix.address.isLinkLocal else { return }
            subnets[mark.resource.name, default: []].append(prefix.network)
        } else if let network = mark.network {
            let key = EndpointKey(container: sandbox, network: network)
            switch prefix.family {
            case .ipv4: endpoints[key, default: EndpointFacts()].ipv4 = prefix.address
            case .ipv6: endpoints[key, default: EndpointFacts()].ipv6 = prefix.address
            }
        }
    }

    /// On the host a subnet, in a sandbox an address of its network: neither can be held twice.
    private func keys(_ address: IPPrefix, _ link: ObservedLink, _ sandbox: String) -> [String] {
        if sandbox.isEmpty { return ["subnet \(address.network)"] }
        guard let network = link.mark?.network else { return [] }
        let key = "address \(address.address) of \(network)"
        return address.family == .ipv4 ? [key, UniqueKey.primary(address, on: link.name, in: sandbox)] : [key]
    }

    private mutating func addRoutes(
        _ routes: [RouteMessage], _ names: [Int32: ObservedLink], in sandbox: String
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
            observation.insert(object, isOurs ? link.ownership : .unmarked)
        }
    }

    private func owner(_ link: String, _ sandbox: String) -> ResourceID? {
        observation.objects[.link(link, in: sandbox)]?.owner
    }
}
