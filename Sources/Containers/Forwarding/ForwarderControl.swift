import Glibc
import Model

/// Starts, tells and ends the forwarder of a set. Blocks the calling thread.
struct ForwarderControl {
    let group: ForwarderGroup

    /// Milliseconds that the forwarder may take to start or to read its configuration.
    private static let patience = 5000

    private var layout: StateLayout { group.layout }

    /// What it serves now; nothing where there is none.
    var table: ForwardTable { group.find().running?.state ?? ForwardTable() }

    /// Starts it without ports. What is still in its group goes first: there is one forwarder only.
    func start() throws(Diagnostic) {
        group.cgroup.killAll()
        try Files.makeDirectory(layout.forwarderDirectory, mode: 0o700)
        let table = ForwardTable(generation: 1)
        try Files.writeAtomically(table.text, to: layout.forwarderConfiguration)
        // It waits for a byte before it does anything, so that none ever runs outside its group.
        let go = try Pipe()
        // The very program that runs now, also where its file was replaced since.
        var helper = Helper(path: "/proc/self/exe", arguments: ["forward", layout.forwarderConfiguration])
        helper.commandName = "reconcile"
        helper.environment = [:]
        helper.directory = "/"
        helper.descriptors = [go.read.number]
        helper.cgroup = group.cgroup
        try helper.detach()
        var byte: UInt8 = 1
        _ = write(go.write.number, &byte, 1)
        try awaitGeneration(1)
    }

    /// Gives it another table; answers with what it made of it.
    func load(_ forwards: some Collection<Forward>) throws(Diagnostic) -> ForwardTable {
        guard let running = group.find().running else { throw Self.failure("it does not run") }
        let table = ForwardTable(generation: running.state.generation + 1, forwards: Array(forwards))
        try Files.makeDirectory(layout.forwarderDirectory, mode: 0o700)
        try Files.writeAtomically(table.text, to: layout.forwarderConfiguration)
        running.process.signal(SIGHUP)
        if running.isStopped { running.process.signal(SIGCONT) }
        return try awaitGeneration(table.generation)
    }

    /// Ends it and removes all that was made for it.
    func end() throws(Diagnostic) {
        if let running = group.find().running {
            running.process.signal(SIGTERM)
            _ = running.process.waitForEnd(milliseconds: running.isStopped ? 0 : 2000)
        }
        group.cgroup.killAll()
        group.cgroup.remove()
        try Files.removeTree(layout.forwarderDirectory)
    }

    @discardableResult
    private func awaitGeneration(_ generation: Int64) throws(Diagnostic) -> ForwardTable {
        for _ in 0..<(Self.patience / 2) {
            if let state = group.find().running?.state, state.generation == generation { return state }
            if group.cgroup.processes.isEmpty { throw Self.failure("it ended by itself") }
            usleep(2000)
        }
        throw Self.failure("it did not take its configuration within \(Self.patience / 1000) s")
    }

    private static func failure(_ cause: String) -> Diagnostic {
        Diagnostic(code: "forwarder-failed", "the forwarder of ::1 does not work", cause: cause)
    }
}
