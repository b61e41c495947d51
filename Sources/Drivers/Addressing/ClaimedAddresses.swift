import Model

/// What the fleet says about the addresses of a network that is one on all nodes: an address belongs to whom it was
/// claimed for, so that no two nodes give out the same.
struct ClaimedAddresses {
    private let network: String
    /// `nil` where the network is this node's own: then nobody has to be asked.
    private let fleet: FleetFacts?

    init(network: String, _ driver: (any NetworkDriver.Type)?, _ facts: HostFacts) {
        self.network = network
        fleet = driver?.spansNodes == true ? facts.fleet : nil
    }

    /// Endpoints of other nodes are neighbours of this one: they are known of the fleet, and no strangers.
    var isShared: Bool { fleet != nil }

    /// The address that was claimed for a container of this node.
    func address(of container: String, _ family: IPAddress.Family) -> IPAddress? {
        guard let claim = fleet?.claimed[EndpointKey(container: container, network: network)] else { return nil }
        return family == .ipv4 ? claim.ipv4 : claim.ipv6
    }

    /// The addresses of endpoints on other nodes, and those of the nodes themselves.
    func ofOthers(_ family: IPAddress.Family) -> [IPAddress] {
        guard let fleet else { return [] }
        let remote = (fleet.remote[network] ?? []).flatMap(\.addresses)
        return (remote + (fleet.ingress[network] ?? []) + (fleet.reserved[network] ?? [])).filter {
            $0.family == family
        }
    }

    /// An error where an address is not claimed yet: until it is, its container is left as it is.
    func check(_ address: IPAddress, _ container: Container, _ index: Int) -> [Diagnostic] {
        guard let fleet, !fleet.isExpected, self.address(of: container.metadata.name, address.family) != address else {
            return []
        }
        let name = container.metadata.name
        let holder = fleet.remote[network]?.first { $0.addresses.contains(address) }
        let words = holder.map { "\($0.container.map { "container \($0)" } ?? "its bridge") on node \($0.node) has it" }
        let isReserved = fleet.reserved[network]?.contains(address) ?? false
        return [
            Diagnostic(
                code: "unclaimed-address", "\(address) on network \(network) is not claimed in the fleet yet",
                cause: words ?? (isReserved ? "another node has claimed it" : nil),
                hint: holder?.container == name
                    ? "a nodeSelector says which node runs it; each of several needs a name and an address of its own"
                    : "the container waits until this node has the address", resource: container.id,
                position: container.metadata.position(of: "networks[\(index)]"))
        ]
    }
}
