import Drivers

/// What of nftables is not this set's.
struct FirewallOfOthers: Sendable {
    /// Chains that may drop what we forward.
    var host = HostFirewall()
    /// What other sets have.
    var sets = HeldByOtherSets()
}

/// What other sets of this host have, of which there is but one.
struct HeldByOtherSets: Hashable, Sendable {
    /// Host ports that they publish.
    var ports: [PortOfAnotherSet] = []
    /// Subnets of their networks.
    var subnets: [SubnetOfAnotherSet] = []
}
