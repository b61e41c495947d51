import Drivers
import Model
import Netlink

/// What of the host around us the desired state depends on: where it changes, everything is derived anew.
public struct Surroundings: Hashable, Sendable {
    /// Links that lead out.
    public var uplinks: [HostFacts.Uplink]
    /// Bridged packets pass the inet hooks, by family.
    public var bridgedPassFirewall: [Bool]
    /// Name servers of the host.
    public var resolver: DNSOptions
    /// The same with those that only the host reaches.
    public var upstream: [String]

    /// Those among some facts.
    public init(_ facts: HostFacts) {
        uplinks = facts.uplinks
        bridgedPassFirewall = [facts.bridgedIPv4PassesFirewall, facts.bridgedIPv6PassesFirewall]
        resolver = facts.resolver
        upstream = facts.names.upstream
    }
}

extension LinuxHost {
    /// Reads what is around us: the host's own links, addresses and routes, nothing of ours. Also tells which names
    /// of links are taken by others.
    public func surroundings() throws(Diagnostic) -> (Surroundings, othersLinks: Set<String>) {
        let host: NamespaceSnapshot
        do throws(NetlinkError) { host = try NamespaceSnapshot(socket) } catch { throw NetlinkBatch.diagnostic(error) }
        let ours = Set(
            host.links.filter { $0.group == Mark.linkGroup || $0.alias.flatMap { Mark(alias: $0) } != nil }
                .map(\.name))
        let facts = FactsReader.surroundings(host, isOurs: ours.contains)
        return (Surroundings(facts), Set(host.links.map(\.name)).subtracting(ours))
    }

    /// The sandboxes that are bound, by container: the inode of each, which no other namespace has as long as it lives.
    public func boundSandboxes() -> [String: UInt64] {
        var bound: [String: UInt64] = [:]
        for name in SandboxDirectory.names() { bound[name] = SandboxMembership.inode(name) }
        return bound
    }
}
