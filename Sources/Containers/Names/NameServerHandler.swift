import Model
import Planning
import Synchronization

/// Starts and ends the servers of names, and gives them their names: all of a pass at once.
public struct NameServerHandler: ObjectHandler {
    private let layout: StateLayout
    private let sockets: @Sendable () -> [BoundSocket]
    private let upstream: @Sendable () -> [String]
    private let memory: NameServerMemory

    /// One change at a time: each rests on what is served then.
    private static let turn = Mutex(())

    /// A handler for the servers of one set. `sockets` gives the UDP sockets that hold port 53 in the host's namespace,
    /// `upstream` the host's name servers as /etc/resolv.conf has them; `memory` has what was read before.
    public init(
        layout: StateLayout, sockets: @escaping @Sendable () -> [BoundSocket],
        upstream: @escaping @Sendable () -> [String], memory: NameServerMemory
    ) {
        self.layout = layout
        self.sockets = sockets
        self.upstream = upstream
        self.memory = memory
    }

    /// The processes, the networks that they serve, and the names.
    public var kinds: [ObjectKind] { [.nameServer, .dns, .name] }

    /// A server reads everything anew: it is told once.
    public var isTransactional: Bool { true }

    /// Changes what is served, then the processes.
    public func apply(_ changes: [Change]) async -> [OperationResult] {
        let this = self
        let results = try? await OwnThread.run {
            Self.turn.withLock { _ in this.applyNow(changes) }
        }
        let failure = Diagnostic(code: "names-failed", "no thread can be made")
        return results ?? changes.map { .failed(diagnostic(failure, code: failure.code, of: $0)) }
    }

    private func applyNow(_ changes: [Change]) -> [OperationResult] {
        var results = changes.map { _ in OperationResult.done }
        for server in NameServer.allCases {
            let own = changes.indices.filter { Self.server(of: changes[$0].id) == server }
            guard !own.isEmpty else { continue }
            do throws(Diagnostic) {
                let group = NameServerGroup(server: server, layout: layout, cgroups: try Cgroups.read())
                let control = NameServerControl(group: group, sockets: sockets, upstream: upstream, memory: memory)
                let listening = try apply(own.map { changes[$0] }, control)
                for index in own { if let missing = missing(changes[index], listening) { results[index] = missing } }
            } catch {
                // Told once: of the process, where that is at stake.
                let first = own.first { changes[$0].id.kind == .nameServer } ?? own[0]
                for index in own { results[index] = .skipped(server.id) }
                results[first] = .failed(diagnostic(error, code: error.code, of: changes[first]))
            }
        }
        return results
    }

    private static func server(of id: ObjectID) -> NameServer { NameServer(id) ?? .names }

    /// Makes one server as it should be; answers with the addresses at which it listens.
    private func apply(_ changes: [Change], _ control: NameServerControl) throws(Diagnostic) -> Set<IPAddress> {
        let process = changes.first { $0.id.kind == .nameServer }
        if process?.action == .delete || process?.action == .replace { try control.end() }
        if process?.action == .delete { return [] }
        var zones = control.group.server == .nowhere ? nowhere : control.zones
        for change in changes where change.id.kind == .dns {
            guard let after = change.after else {
                zones[change.id.name] = nil
                continue
            }
            zones[change.id.name, default: NameZone(listens: [])].listens = NameZone.addresses(of: after)
        }
        for change in changes where change.id.kind == .name {
            zones[change.id.link]?.set(change.id.name, change.after)
        }
        zones = zones.filter { !$0.value.listens.isEmpty }
        // It ends by itself where it has nothing to serve.
        guard !zones.isEmpty else {
            try control.end()
            return []
        }
        return try control.serve(zones)
    }

    /// The one address at which nothing is known.
    private var nowhere: [String: NameZone] {
        [NameServer.nowhere.rawValue: NameZone(listens: [NameServer.nowhereAddress(layout.set)])]
    }

    /// What became of a change, where it did not come to all it should.
    private func missing(_ change: Change, _ listening: Set<IPAddress>) -> OperationResult? {
        guard let after = change.after else { return nil }
        let wanted: [IPAddress]
        switch change.id.kind {
        case .dns: wanted = NameZone.addresses(of: after)
        case .nameServer where NameServer(change.id) == .nowhere: wanted = [NameServer.nowhereAddress(layout.set)]
        default: return nil
        }
        let missing = wanted.filter { !listening.contains($0) }
        guard !missing.isEmpty else { return nil }
        let failure = Diagnostic(
            code: "listen-failed", "cannot listen on UDP port 53 of \(NameZone.target(missing))",
            hint: "ss -lunp 'sport = :53' shows who holds the port")
        return .failed(diagnostic(failure, code: failure.code, of: change))
    }
}
