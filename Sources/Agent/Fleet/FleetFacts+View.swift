import Drivers
import Fleet
import Model

extension FleetFacts {
    /// What a view of the fleet means to the node whose it is.
    init(_ view: FleetView) {
        self.init(node: view.node)
        isKnown = view.revision > 0
        nodes = view.nodes.values.compactMap { node in
            node.vtep.map { Node(name: node.name, tunnel: $0, labels: node.labels) }
        }.sorted { $0.name < $1.name }
        vnis = view.claims.vnis
        for (network, claims) in view.claims.addresses {
            for (address, claim) in claims { note(claim, of: address, on: network, view) }
        }
        for (network, endpoints) in view.endpoints {
            remote[network] = endpoints.values.lazy.filter { $0.node != view.node }.map(RemoteEndpoint.init)
                .sorted { ($0.addresses.first?.bits ?? 0, $0.node) < ($1.addresses.first?.bits ?? 0, $1.node) }
        }
        for claim in view.claims.replicas where claim.node == view.node {
            guard case .replica(let service, let number) = claim.key else { continue }
            replicas[service, default: []].append(number)
        }
        for service in replicas.keys { replicas[service]?.sort() }
        for network in ingress.keys { ingress[network]?.sort() }
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
            addresses: entry.addresses, mac: entry.mac, aliases: entry.aliases)
    }
}
