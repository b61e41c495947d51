import Drivers

/// What of nftables is not this set's.
struct FirewallOfOthers: Sendable {
    /// Chains that may drop what we forward.
    var host = HostFirewall()
    /// What other sets have.
    var sets = HeldByOtherSets()
}
