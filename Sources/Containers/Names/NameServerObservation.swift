import Model
import Planning

/// What is found of the servers of names, as objects for planning.
public struct NameServerObservation: Sendable {
    /// The processes, the networks that they serve, and the names.
    public private(set) var objects: [KernelObject] = []
    /// The processes.
    public private(set) var pids: [Int32] = []
    /// Their sockets.
    public private(set) var sockets: Set<UInt32> = []
    /// The addresses at which names are served.
    public private(set) var served: Set<IPAddress> = []
    /// Whether aardvark-dns is installed, or runs.
    public private(set) var isAvailable: Bool
    /// The sockets of others at port 53, but for those of the loopback.
    public private(set) var others: [BoundSocket] = []

    /// The objects, and nothing else of the host.
    public var observation: Observation { Observation(objects: objects) }

    /// Looks. `bound` are the UDP sockets that hold port 53 in the host's namespace; `memory` has what was read before.
    public init(layout: StateLayout, bound: [BoundSocket], memory: NameServerMemory) {
        isAvailable = NameServerProgram.path != nil
        if let cgroups = try? Cgroups.read() {
            let open = Set(bound.map(\.inode))
            for server in NameServer.allCases {
                observe(NameServerGroup(server: server, layout: layout, cgroups: cgroups), bound, open, memory)
            }
        }
        others = bound.filter { !sockets.contains($0.inode) && !$0.address.isLoopback }
    }

    private mutating func observe(
        _ group: NameServerGroup, _ bound: [BoundSocket], _ open: Set<UInt32>, _ memory: NameServerMemory
    ) {
        guard let running = group.find().running else { return }
        isAvailable = true
        pids.append(running.process.pid)
        let note = group.note(of: running.process, memory)
        let files = group.files
        // Without a note its sockets are told by itself alone.
        let own = note.map { Set($0.sockets.values) } ?? NameServerGroup.sockets(of: running.process.pid)
        sockets.formUnion(own.intersection(open))
        let listening = Set(bound.filter { own.contains($0.inode) }.map(\.address))
        var fields = [
            Field(.state, .string(running.isStopped ? "stopped" : "running")),
            Field(.configuration, .string(note.map { $0.files == files ? "loaded" : "changed" } ?? "missing")),
        ]
        switch group.server {
        case .names: fields.append(Field(.upstream, .list(note?.upstream ?? [])))
        case .nowhere:
            let address = NameServer.nowhereAddress(group.layout.set)
            fields.append(Field(.listening, .bool(listening.contains(address))))
        }
        objects.append(KernelObject(group.server.id, owner: .host("dns"), fields: fields))
        guard group.server == .names else { return }
        served = listening
        let served = note?.files ?? files
        for (network, text) in served {
            guard let zone = memory.zone(network, text) else { continue }
            objects.append(
                KernelObject(
                    .dns(network), owner: .network(network),
                    fields: [
                        Field(.target, .string(NameZone.target(zone.listens))),
                        Field(.listening, .bool(listening.isSuperset(of: zone.listens))),
                    ], hangsOn: [NameServer.names.id]))
            objects += memory.names(network, text)
        }
        memory.forget(but: Set(served.keys))
    }
}
