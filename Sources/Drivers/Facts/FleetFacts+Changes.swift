import Model

extension FleetFacts {
    /// The endpoints of a network on other nodes that are others than before.
    public struct EndpointChange: Hashable, Sendable {
        /// The network.
        public let network: String
        /// As they were.
        public internal(set) var gone: [RemoteEndpoint] = []
        /// As they are.
        public internal(set) var new: [RemoteEndpoint] = []
    }

    /// In which order the endpoints of a network stand: then what differs is found in one walk.
    public static func precedes(_ left: RemoteEndpoint, _ right: RemoteEndpoint) -> Bool {
        let (first, second) = (left.addresses.first?.bits ?? 0, right.addresses.first?.bits ?? 0)
        guard first == second else { return first < second }
        guard left.node == right.node else { return left.node < right.node }
        return left.container ?? "" < right.container ?? ""
    }

    /// The endpoints elsewhere that are others than they were, where nothing else is but what others hold; `nil` where
    /// more is: then all has to be derived anew.
    public func endpointChanges(since old: FleetFacts) -> [EndpointChange]? {
        guard node == old.node, isKnown == old.isKnown, nodes == old.nodes, vnis == old.vnis, claimed == old.claimed,
            ingress == old.ingress, replicas == old.replicas
        else { return nil }
        return Set(remote.keys).union(old.remote.keys).sorted().compactMap { network in
            let change = Self.change(network, old.remote[network] ?? [], remote[network] ?? [])
            return change.gone.isEmpty && change.new.isEmpty ? nil : change
        }
    }

    private static func change(_ network: String, _ old: [RemoteEndpoint], _ new: [RemoteEndpoint]) -> EndpointChange {
        var change = EndpointChange(network: network)
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, right < new.count, old[left] == new[right] {
                left += 1
                right += 1
            } else if right == new.count || left < old.count && !precedes(new[right], old[left]) {
                change.gone.append(old[left])
                left += 1
            } else {
                change.new.append(new[right])
                right += 1
            }
        }
        return change
    }
}
