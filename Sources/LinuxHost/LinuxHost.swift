import Drivers
import Glibc
import Model
import Netlink
import Planning

/// The kernel's side of the engine: reads what there is and carries out what is planned, for one ownership set in the
/// network namespace in which it was opened.
public final class LinuxHost: Sendable {
    let set: String
    let socket: NetlinkSocket
    private let connections: NetlinkSocket
    private let listeners: NetlinkSocket
    private let nftables: Nftables
    private let sandboxes = SandboxDirectory()
    let sysctlMemory: SysctlMemory
    private let firewall: FirewallMemory
    private let table: String
    let index = LinkIndex()
    let kinds = LinkKindProbe()

    /// Opens netlink and libnftables. Call it early: see ``Nftables``.
    public init(set: String, dataDirectory: String) throws(Diagnostic) {
        self.set = set
        table = TableName.of(set)
        nftables = try Nftables()
        do throws(NetlinkError) {
            socket = try NetlinkSocket()
            connections = try NetlinkSocket(.netfilter)
            listeners = try NetlinkSocket(.socketDiagnostics)
        } catch {
            throw NetlinkBatch.diagnostic(error)
        }
        firewall = FirewallMemory { [connections] in try? connections.firewallGeneration() }
        sysctlMemory = SysctlMemory(dataDirectory: dataDirectory, set: set)
    }

    /// How many messages that may change something this process has sent to the kernel over rtnetlink.
    public static var netlinkWrites: Int { NetlinkSocket.totalWrites }

    /// Reads everything once. `processes` are living processes of containers whose sandboxes are not bound anywhere.
    public func observe(processes: [String: Int32]) async throws(Diagnostic) -> (Observation, HostFacts) {
        async let firewall = observeFirewall()
        var snapshot = NamespaceSnapshot()
        do throws(NetlinkError) {
            snapshot = try NamespaceSnapshot(socket)
            for link in snapshot.links { try snapshot.readTunnel(link, socket) }
        } catch { throw NetlinkBatch.diagnostic(error) }
        let host = snapshot
        let names = Dictionary(host.links.map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
        index.replace(host.links)
        let links = LinkObjects(set: set, hostNames: names, others: OtherPasses(but: set))
        var parts = try await SandboxReader(processes: processes).readAll(links)
        // Taken out of the list, so that adding to it makes no copy.
        var objects = parts.popLast() ?? NamespaceObjects(links: links)
        for part in parts { objects.merge(part) }
        objects.addHost(host)
        var observation = objects.take()
        let inFirewall = try await firewall.get()
        observation.merge(inFirewall)
        observation.merge(observeSysctls(host.links, observation))
        let reader = FactsReader(
            set: set, host: host, observation: observation, firewall: inFirewall, endpoints: objects.endpoints,
            subnets: objects.subnets)
        var facts = reader.read()
        readFirewallOfOthers(into: &facts)
        return (observation, facts)
    }

    /// Reads some scopes again, and nothing else. A scope in which nothing was found has an empty observation.
    public func observe(
        _ scopes: Set<Scope>, processes: [String: Int32]
    ) async throws(Diagnostic) -> [Scope: Observation] {
        var links: Set<String> = []
        var containers: Set<String> = []
        for scope in scopes {
            switch scope {
            case .link(let name): links.insert(name)
            case .container(let name): containers.insert(name)
            case .firewall, .forwarder, .names, .host: break
            }
        }
        var parts = Dictionary(uniqueKeysWithValues: scopes.map { ($0, Observation()) })
        if scopes.contains(.firewall) { parts[.firewall] = try await observeFirewall().get() }
        guard !links.isEmpty || !containers.isEmpty else { return parts }
        let reader = ScopeReader(
            set: set, socket: socket, sandboxes: SandboxReader(processes: processes),
            others: OtherPasses(but: set))
        let found = try await reader.read(links: links, containers: containers)
        index.add(found.links)
        var seen = found.objects
        seen.merge(observeSysctls(found.links, seen))
        for (scope, part) in seen.byScope() where scopes.contains(scope) { parts[scope] = part }
        return parts
    }

    /// Who holds some of the host's ports, but for processes of ours and the sockets that they listen on. Of ports in
    /// `range` it is told that they are held, not by whom.
    public func holders(
        of ports: Set<UInt16>, andIn range: ClosedRange<UInt16>?, but own: Set<Int32>, _ sockets: Set<UInt32>
    ) -> [HostFacts.Listener] {
        ListenerReader(socket: listeners).holders(of: ports, andIn: range, but: own, sockets)
    }

    /// The UDP sockets that hold the port of names.
    public func nameSockets() -> [BoundSocket] { ListenerReader(socket: listeners).datagramSockets(port: 53) }

    /// Who has some sockets: `NAME (pid N)`, by inode. Walks all of /proc.
    public func holders(of sockets: [BoundSocket]) -> [UInt32: String] {
        ListenerReader.holders(of: Set(sockets.map(\.inode)))
    }

    /// The host's name servers, as /etc/resolv.conf has them.
    public static func nameServers() -> [String] { ResolverFile.servers() ?? [] }

    /// The inodes of the sockets that listen on ::1.
    public func loopbackSockets() -> Set<UInt32> { ListenerReader(socket: listeners).loopbackSockets() }

    /// What carries out operations. `namespaceOfProcess` gives the path of the network namespace that a container's
    /// living process holds.
    public func handlers(namespaceOfProcess: @escaping @Sendable (String) -> String?) -> [any ObjectHandler] {
        [
            SandboxHandler(host: socket, directory: sandboxes, namespaceOfProcess: namespaceOfProcess),
            LinkHandler(host: socket, sandboxes: sandboxes), AddressHandler(host: socket, sandboxes: sandboxes),
            NeighbourHandler(host: socket),
            SysctlHandler(memory: sysctlMemory),
            FirewallHandler(
                nftables: nftables, table: table, conntrack: ConntrackFlush(socket: connections), memory: firewall),
        ]
    }

    /// Closes what a pass kept open.
    public func endPass() { sandboxes.forgetAll() }

    private func observeFirewall() async -> Result<Observation, Diagnostic> {
        do throws(Diagnostic) {
            return .success(try FirewallObserver(nftables: nftables, table: table, memory: firewall).observe())
        } catch {
            return .failure(error)
        }
    }

    /// The rules of others, of those of iptables-legacy only that they are there; and what other sets publish.
    func readFirewallOfOthers(into facts: inout HostFacts) {
        let others = firewall.recallOthers { nftables.firewallOfOthers(but: table) }
        facts.hostFirewall = others.host
        facts.portsOfOtherSets = others.ports
        for (family, name) in [(IPAddress.Family.ipv4, "ip"), (.ipv6, "ip6")] {
            let tables = SmallFile.read("/proc/thread-self/net/\(name)_tables_names") ?? ""
            if tables.split(separator: "\n").contains("filter") { facts.hostFirewall.legacyFamilies.append(family) }
        }
    }

    private func observeSysctls(_ all: [LinkMessage], _ observation: Observation) -> Observation {
        var links: [(LinkMessage, ResourceID?)] = []
        for link in all where !link.isLoopback {
            let isForeign = observation.foreign[.link(link.name)] != nil
            if isForeign, link.group != Mark.linkGroup {
                links.append((link, nil))
            } else if !isForeign, link.kind == "bridge" {
                links.append((link, observation.objects[.link(link.name)]?.owner))
            }
        }
        return SysctlObjects(remembered: sysctlMemory.ours()).observe(links)
    }
}
