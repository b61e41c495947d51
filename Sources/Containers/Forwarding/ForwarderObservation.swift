import Model

/// What is found of the forwarder of ::1, as objects for planning.
public struct ForwarderObservation: Sendable {
    /// The process, and the ports that it serves.
    public private(set) var objects: [KernelObject] = []
    /// What the ports lead to; of a forwarder that is gone, what its configuration says that they led to.
    public private(set) var forwards: [Forward] = []
    /// The forwarder's process; `nil` where there is none.
    public private(set) var pid: Int32?
    /// The inodes of its sockets.
    public private(set) var sockets: Set<UInt32> = []

    /// Looks. `listening` gives the inodes of all sockets that listen on ::1 in the host's namespace: what the forwarder
    /// says of itself is believed only where the kernel says so too.
    public init(layout: StateLayout, listening: () -> Set<UInt32>) {
        guard let cgroups = try? Cgroups.read() else { return }
        let configuration = Files.text(layout.forwarderConfiguration).flatMap { ForwardTable(text: $0) }
        guard let running = ForwarderGroup(layout: layout, cgroups: cgroups).find().running else {
            forwards = configuration.map { Array($0.forwards.values) } ?? []
            return
        }
        let state = running.state
        pid = running.process.pid
        forwards = Array(state.forwards.values)
        let loaded = configuration.map { $0.forwards == state.forwards ? "loaded" : "changed" } ?? "missing"
        objects.append(
            KernelObject(
                .forwarder, owner: .host("forwarder"),
                fields: [
                    Field(.state, .string(running.isStopped ? "stopped" : "running")),
                    Field(.configuration, .string(loaded)),
                ]))
        let open = state.forwards.isEmpty ? [] : listening()
        for (key, forward) in state.forwards {
            var isListening = false
            if case .socket(let inode) = state.outcomes[key] {
                isListening = open.contains(inode)
                sockets.insert(inode)
            }
            objects.append(
                KernelObject(
                    forward.id, owner: forward.owner,
                    fields: [Field(.target, .string(forward.target)), Field(.listening, .bool(isListening))],
                    hangsOn: [.forwarder]))
        }
    }
}
