import Model

/// Containers with a MAC of their own on the segment of one of the host's links, as Docker's driver of that name.
enum MacvlanDriver: ParentedDriver {
    static let name = "macvlan"
    static let prefix = "mv"

    static func parentName(_ network: Network) -> String? { network.macvlan.parent }

    static func mode(_ network: Network) -> String { network.macvlan.mode.rawValue }

    static func isAlone(_ network: Network) -> Bool { network.macvlan.mode == .passthru }

    static func hasOwnMAC(_ network: Network) -> Bool { network.macvlan.mode != .passthru }

    static func recover(_ name: String, _ objects: [KernelObject], _ facts: HostFacts) -> Network? {
        guard let found = ParentedRecovery(name, kind: Self.name, prefix: prefix, objects, facts) else { return nil }
        var network = found.network
        let mode = found.mode.flatMap { MacvlanMode(rawValue: $0) } ?? .bridge
        network.macvlan = MacvlanOptions(parent: found.parent, mode: mode)
        return network
    }
}
