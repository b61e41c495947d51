import Model

/// Words about subnets that a manifest names and that somebody else has: another set, or the host itself. Docker refuses
/// the first, as of its own networks, and says nothing of the second.
struct SubnetOverlaps {
    private let facts: HostFacts
    private let linksOfSets: Set<String>

    init(_ facts: HostFacts) {
        self.facts = facts
        linksOfSets = Set(facts.subnetsOfOtherSets.map(\.link))
    }

    /// The network of another set that has some of a subnet.
    func holder(of prefix: IPPrefix) -> SubnetOfAnotherSet? {
        facts.subnetsOfOtherSets.first { $0.prefix.overlaps(prefix) }
    }

    /// Words about the subnets of a network, as its manifest has them.
    func find(_ network: Network, _ driver: any NetworkDriver.Type) -> [Diagnostic] {
        // On a parent's segment containers are the host's neighbours: there the subnet is meant to be that of its route.
        guard driver.forwards else { return [] }
        return network.subnets.enumerated().compactMap { index, subnet in
            let prefix = subnet.prefix
            let position = network.metadata.position(of: "subnets[\(index)].subnet")
            if let other = holder(of: prefix) { return held(prefix, other, network, position) }
            // Where the bridge has no address the host has no route to the subnet either.
            guard network.bridge.gatewayMode[prefix.family] != .isolated, let what = ofTheHost(prefix) else {
                return nil
            }
            return Diagnostic(
                .warning, code: "subnet-overlaps", "the subnet \(prefix) \(what)",
                hint:
                    "of two with one address only one is reached: choose another subnet, or none and a free one is found",
                resource: network.id, position: position)
        }
    }

    private func held(
        _ prefix: IPPrefix, _ other: SubnetOfAnotherSet, _ network: Network, _ position: SourcePosition?
    ) -> Diagnostic {
        // Where both have it already, taking it away would only be another surprise.
        let isOurs = facts.subnets[network.metadata.name]?.contains(prefix) ?? false
        let what = other.prefix == prefix ? "is that of" : "overlaps \(other.prefix) of"
        let text = "the subnet \(prefix) \(what) \(other.holder)"
        return Diagnostic(
            isOurs ? .warning : .error, code: "subnet-in-use",
            isOurs ? text + ", too: which of the two is reached is not certain" : text, hint: "choose another subnet",
            resource: network.id, position: position)
    }

    private func ofTheHost(_ prefix: IPPrefix) -> String? {
        let routes = facts.routes.filter { route in
            route.destination.length > 0 && route.destination.overlaps(prefix)
                && !(route.link.map(linksOfSets.contains) ?? false)
        }.sorted { ($0.destination, $0.link ?? "") < ($1.destination, $1.link ?? "") }
        if let first = routes.first {
            let more = Set(routes.map(\.destination)).count - 1
            return "overlaps the host's route to \(first.destination)" + (first.link.map { " by \($0)" } ?? "")
                + (more > 0 ? " and \(more) more" : "")
        }
        let own = facts.ownAddresses.filter { prefix.contains($0.address) }.min { $0.address < $1.address }
        return own.map { "holds the host's own address \($0.address), on \($0.link)" }
    }
}
