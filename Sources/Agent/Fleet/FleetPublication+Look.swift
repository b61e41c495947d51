import Drivers
import Fleet
import Model

extension FleetPublication {
    /// A node with those of its endpoints whose addresses it has by claim, and its own addresses.
    init(_ desired: DesiredState, _ facts: FleetFacts, node: NodeEntry, unready: Set<String>) {
        self.init(node: node)
        for (container, own) in desired.endpoints.sorted(by: { $0.key < $1.key }) {
            for endpoint in own where desired.networks[endpoint.attachment.network]?.spansNodes == true {
                let network = endpoint.attachment.network
                let claim = facts.claimed[EndpointKey(container: container, network: network)]
                let addresses = endpoint.addresses.map(\.address).filter { $0 == claim?.ipv4 || $0 == claim?.ipv6 }
                guard !addresses.isEmpty else { continue }
                // A service's name comes and goes with the readiness of the replica, and so is told by that.
                let service = ReplicaName(container)?.service
                endpoints.append(
                    EndpointEntry(
                        network: network, node: facts.node, container: container, addresses: addresses,
                        mac: endpoint.mac, aliases: endpoint.attachment.aliases.filter { $0 != service },
                        service: service, isHealthy: !unready.contains(container)))
            }
        }
        for (network, addresses) in facts.ingress.sorted(by: { $0.key < $1.key }) where !addresses.isEmpty {
            endpoints.append(
                EndpointEntry(
                    network: network, node: facts.node, container: FleetWants.ingress, addresses: addresses,
                    mac: OverlayNames.bridgeMAC(network, node: facts.node)))
        }
    }

    /// What the fleet knows of this node already; `nil` where nothing is known of the fleet yet.
    init?(leftIn view: FleetView) {
        guard FleetFacts.isKnown(view) else { return nil }
        var node = view.nodes[view.node] ?? NodeEntry(name: view.node)
        node.lease = 0
        self.init(
            node: node,
            endpoints: view.endpoints.keys.sorted().flatMap { view.endpoints(of: $0) }.filter { $0.node == view.node })
    }

    /// The same, with other endpoints ready.
    func with(unready: Set<String>) -> FleetPublication {
        var other = self
        for index in endpoints.indices {
            other.endpoints[index].isHealthy = !unready.contains(endpoints[index].container)
        }
        return other
    }
}
