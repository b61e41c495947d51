import Drivers
import Fleet
import Model

extension FleetFacts {
    /// What a view of the fleet means to the node whose it is.
    init(_ view: FleetView) {
        self.init(node: view.node)
        isKnown = Self.isKnown(view)
        nodes = Self.nodes(view)
        vnis = view.claims.vnis
        for (network, claims) in view.claims.addresses {
            for (address, claim) in claims { note(claim, of: address, on: network, view) }
        }
        for (network, endpoints) in view.endpoints {
            let elsewhere = endpoints.values.lazy.filter { $0.node != view.node }.map(RemoteEndpoint.init)
            if !elsewhere.isEmpty { remote[network] = elsewhere.sorted(by: Self.precedes) }
        }
        replicas = Self.replicas(view)
        for network in ingress.keys { ingress[network]?.sort() }
    }

    /// Whether a view says what this node is to do.
    static func isKnown(_ view: FleetView) -> Bool { view.revision > 0 && !view.isOutside }

    /// The same as the facts of a view, from those of an earlier one: what did not change is taken over.
    init(_ view: FleetView, since last: FleetFacts?, _ revision: Int64) {
        guard var facts = last, facts.isKnown, Self.isKnown(view), let changes = view.changes(since: revision),
            changes.allSatisfy({ facts.take($0.key, view) })
        else {
            self.init(view)
            return
        }
        self = facts
    }

    /// Takes over a change; false where more follows from it than what it names.
    private mutating func take(_ key: FleetView.Recent.Key, _ view: FleetView) -> Bool {
        switch key {
        case .endpoint(let network, let name):
            take(view.endpoints[network]?[name], of: name, on: network)
            return true
        case .claim(.address(let network, let address)): return take(address, on: network, view)
        case .claim(.replica):
            replicas = Self.replicas(view)
            return true
        case .claim(.update), .claim(.turn): return true
        case .claim, .other:
            // A node tells more of itself than what drivers want to know.
            return nodes.count == view.nodes.count && nodes == Self.nodes(view) && vnis == view.claims.vnis
        }
    }

    /// What a dead node has left behind is judged by which nodes live: that is no change of this address alone.
    private mutating func take(_ address: IPAddress, on network: String, _ view: FleetView) -> Bool {
        let claim = view.claims[.address(network: network, address)]
        let isOwn =
            ingress[network]?.contains(address) == true
            || claimed.contains { $0.key.network == network && ($0.value.ipv4 == address || $0.value.ipv6 == address) }
        guard !isOwn, claim?.node != view.node else { return false }
        reserved[network]?.remove(address)
        if let claim { note(claim, of: address, on: network, view) }
        if reserved[network]?.isEmpty == true { reserved[network] = nil }
        return true
    }

    /// Puts an endpoint into its place, or takes it out.
    private mutating func take(_ entry: EndpointEntry?, of name: String, on network: String) {
        guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) else { return }
        let (node, container) = (name[..<slash], name[name.utf8.index(after: slash)...])
        guard node != self.node else { return }
        // Taken out, so that changing it makes no copy.
        var endpoints = remote.removeValue(forKey: network) ?? []
        endpoints.removeAll { $0.node == node && ($0.container ?? FleetWants.ingress) == container }
        if let endpoint = entry.map(RemoteEndpoint.init) {
            var (low, high) = (0, endpoints.count)
            while low < high {
                let middle = (low + high) / 2
                if Self.precedes(endpoints[middle], endpoint) { low = middle + 1 } else { high = middle }
            }
            endpoints.insert(endpoint, at: low)
        }
        if !endpoints.isEmpty { remote[network] = endpoints }
    }

    private static func nodes(_ view: FleetView) -> [Node] {
        view.nodes.values.compactMap { node in
            node.vtep.map { Node(name: node.name, tunnel: $0, labels: node.labels) }
        }.sorted { $0.name < $1.name }
    }

    private static func replicas(_ view: FleetView) -> [String: [Int]] {
        var replicas: [String: [Int]] = [:]
        for claim in view.claims.replicas where claim.node == view.node {
            guard case .replica(let service, let number) = claim.key else { continue }
            replicas[service, default: []].append(number)
        }
        for service in replicas.keys { replicas[service]?.sort() }
        return replicas
    }

    private mutating func note(_ claim: Claim, of address: IPAddress, on network: String, _ view: FleetView) {
        guard claim.node == view.node else {
            // What a dead node has left behind is for the same container to take over, wherever that runs now.
            if view.nodes[claim.node] != nil || claim.holder == FleetWants.ingress {
                reserved[network, default: []].insert(address)
            }
            return
        }
        if claim.holder == FleetWants.ingress {
            ingress[network, default: []].append(address)
        } else if let container = ResourceID(claim.holder), container.kind == .container {
            let key = EndpointKey(container: container.name, network: network)
            switch address.family {
            case .ipv4: claimed[key, default: EndpointFacts()].ipv4 = address
            case .ipv6: claimed[key, default: EndpointFacts()].ipv6 = address
            }
        }
    }
}

extension FleetFacts.RemoteEndpoint {
    /// The endpoint of an entry.
    init(_ entry: EndpointEntry) {
        self.init(
            container: entry.container == FleetWants.ingress ? nil : entry.container, node: entry.node,
            addresses: entry.addresses, mac: entry.mac, aliases: entry.aliases, isReady: entry.isHealthy)
    }
}
