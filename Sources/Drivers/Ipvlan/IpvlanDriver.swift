import Model

/// Containers that share the MAC of one of the host's links and have addresses of their own, as Docker's driver of that
/// name.
enum IpvlanDriver: ParentedDriver {
    static let name = "ipvlan"
    static let prefix = "iv"

    static func parentName(_ network: Network) -> String? { network.ipvlan.parent }

    static func mode(_ network: Network) -> String { network.ipvlan.mode.rawValue }

    static func hasOwnMAC(_ network: Network) -> Bool { false }

    /// Where packets are routed nobody is asked for a gateway's MAC: all that is sent goes to the parent.
    static func routesWithoutGateway(_ network: Network) -> Bool { network.ipvlan.mode != .l2 }

    static func recover(_ name: String, _ objects: [KernelObject], _ facts: HostFacts) -> Network? {
        guard let found = ParentedRecovery(name, kind: Self.name, prefix: prefix, objects, facts) else { return nil }
        var network = found.network
        network.ipvlan = IpvlanOptions(
            parent: found.parent, mode: found.mode.flatMap { IpvlanMode(rawValue: $0) } ?? .l2)
        if routesWithoutGateway(network) {
            for index in network.subnets.indices { network.subnets[index].gateway = nil }
            network.internal = found.parent != nil && !ParentedRecovery.hasDefaultRoute(Self.name, objects)
        }
        return network
    }
}
