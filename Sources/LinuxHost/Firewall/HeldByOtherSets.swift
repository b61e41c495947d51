import Drivers

/// What other sets of this host have, of which there is but one.
struct HeldByOtherSets: Hashable, Sendable {
    /// Host ports that they publish.
    var ports: [PortOfAnotherSet] = []
    /// Subnets of their networks.
    var subnets: [SubnetOfAnotherSet] = []
}
