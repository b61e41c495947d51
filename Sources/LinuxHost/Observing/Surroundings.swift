import Drivers
import Model
import Netlink

/// What of the host around us the desired state depends on: where it changes, everything is derived anew.
public struct Surroundings: Hashable, Sendable {
    /// Links that lead out.
    public var uplinks: [HostFacts.Uplink]
    /// Links on which router advertisements are heeded, or were before the host forwarded for us.
    public var linksHeedingAdvertisements: [String]
    /// Bridged packets pass the inet hooks, by family.
    public var bridgedPassFirewall: [Bool]
    /// Name servers of the host.
    public var resolver: DNSOptions
    /// The same with those that only the host reaches.
    public var upstream: [String]
    /// What others drop of the packets that we forward.
    public var obstructions: [Diagnostic]
    /// Host ports that other sets publish.
    public var portsOfOtherSets: [PortOfAnotherSet]
    /// Subnets that other sets have.
    public var subnetsOfOtherSets: [SubnetOfAnotherSet]
    /// The host's own addresses.
    public var ownAddresses: [HostFacts.Address]
    /// The links that networks sit on, as far as they are there and not ours.
    public var parents: [String: HostFacts.Link]

    /// Those among some facts, for the packets that must pass. `parents` names the links that networks sit on.
    public init(_ facts: HostFacts, parents: Set<String>, flows: [ForwardedFlow]) {
        obstructions = FirewallObstruction.find(flows, facts)
        self.parents = parents.isEmpty ? [:] : (facts.links ?? [:]).filter { parents.contains($0.key) }
        portsOfOtherSets = facts.portsOfOtherSets
        subnetsOfOtherSets = facts.subnetsOfOtherSets
        ownAddresses = facts.ownAddresses
        uplinks = facts.uplinks
        linksHeedingAdvertisements = facts.linksHeedingAdvertisements
        bridgedPassFirewall = [facts.bridgedIPv4PassesFirewall, facts.bridgedIPv6PassesFirewall]
        resolver = facts.resolver
        upstream = facts.names.upstream
    }
}

extension LinuxHost {
    /// Reads what is around us: the host's own links, addresses and routes, nothing of ours. Also tells which names of
    /// links are taken by others, and which links bear a mark of this set that is no container's.
    public func surroundings(
        parents: Set<String>, flows: [ForwardedFlow]
    ) throws(Diagnostic) -> (Surroundings, othersLinks: Set<String>, ours: Set<String>) {
        let host: NamespaceSnapshot
        do throws(NetlinkError) { host = try NamespaceSnapshot(socket) } catch { throw NetlinkBatch.diagnostic(error) }
        let ours = Set(
            host.links.filter { $0.group == Mark.linkGroup || $0.alias.flatMap { Mark(alias: $0) } != nil }
                .map(\.name))
        var facts = FactsReader.surroundings(host, sysctlMemory, isOurs: ours.contains)
        readFirewallOfOthers(into: &facts)
        if !parents.isEmpty { facts.links = FactsReader.links(host, set) }
        let ofThisSet = host.links.filter { link in
            let mark = link.alias.flatMap { Mark(alias: $0) }
            return mark.map { $0.set == set && $0.resource.kind != .container } ?? false
        }
        let names = Set(host.links.map(\.name))
        let now = Surroundings(facts, parents: parents, flows: flows)
        return (now, names.subtracting(ours), Set(ofThisSet.map(\.name)))
    }

    /// The sandboxes that are bound, by container: the inode of each, which no other namespace has as long as it lives.
    public func boundSandboxes() -> [String: UInt64] {
        var bound: [String: UInt64] = [:]
        for name in SandboxDirectory.names() { bound[name] = SandboxMembership.inode(name) }
        return bound
    }
}
