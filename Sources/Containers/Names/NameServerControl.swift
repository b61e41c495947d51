import Glibc
import Model

/// Starts, tells and ends a server of names. Blocks the calling thread.
struct NameServerControl {
    let group: NameServerGroup
    /// The UDP sockets that hold port 53 in the host's namespace.
    let sockets: () -> [BoundSocket]
    /// The host's name servers, as /etc/resolv.conf has them.
    let upstream: () -> [String]
    /// What was read before.
    let memory: NameServerMemory

    /// Milliseconds that it may take to start or to read its files.
    private static let patience = 5000
    /// Milliseconds without another socket after which those that are missing cannot be had.
    private static let quiet = 300
    /// Milliseconds after which a signal is sent again: between two readings it goes unheard.
    private static let repetition = 500

    private var layout: StateLayout { group.layout }

    /// What it serves now; nothing where it does not run.
    var zones: [String: NameZone] {
        guard let running = group.find().running else { return [:] }
        var zones: [String: NameZone] = [:]
        for (network, text) in group.note(of: running.process, memory)?.files ?? group.files {
            zones[network] = memory.zone(network, text)
        }
        return zones
    }

    /// Gives it its networks, and starts it where it does not run; answers with the addresses at which it listens then.
    ///
    /// It reads all files of its directory, and ends where one is not in order: so none is ever written in there, and
    /// what is changed is changed before it is told.
    func serve(_ zones: [String: NameZone]) throws(Diagnostic) -> Set<IPAddress> {
        let running = group.find().running
        unlink(layout.nameNote(group.server))
        try Files.makeDirectory(layout.nameDirectory, mode: 0o700)
        try Files.makeDirectory(group.directory, mode: 0o700)
        let files = zones.mapValues(\.text)
        if group.server == .names { for (name, zone) in zones { memory.keep(name, files[name] ?? "", zone) } }
        let present = group.files
        for (name, text) in files where present[name] != text {
            let temporary = "\(layout.nameDirectory)/\(name).\(group.server.rawValue).tmp"
            try Files.write(text, to: temporary)
            guard rename(temporary, "\(group.directory)/\(name)") == 0 else {
                throw systemError("cannot write \(group.directory)/\(name)", call: "rename")
            }
        }
        for name in present.keys where files[name] == nil { try Files.removeTree("\(group.directory)/\(name)") }
        let servers = upstream()
        let before = Set(sockets().map(\.inode))
        if let running {
            running.process.signal(SIGHUP)
            if running.isStopped { running.process.signal(SIGCONT) }
        } else {
            try start()
        }
        let wanted = Set(zones.values.flatMap(\.listens))
        let (process, found) = try awaitSockets(wanted, before, running?.process)
        let note = NameServerNote(process: process, files: files, upstream: servers, sockets: found)
        try Files.writeAtomically(note.text, to: layout.nameNote(group.server))
        return Set(found.keys)
    }

    /// Ends it and removes all that was made for it.
    func end() throws(Diagnostic) {
        group.cgroup.killAll()
        group.cgroup.remove()
        unlink(layout.nameNote(group.server))
        try Files.removeTree(group.directory)
        for name in Files.names(in: layout.nameDirectory) where name.hasSuffix(".\(group.server.rawValue).tmp") {
            unlink("\(layout.nameDirectory)/\(name)")
        }
        Cgroup(layout.nameCgroup, group.cgroups).removeIfEmpty()
        rmdir(layout.nameDirectory)
    }

    private func start() throws(Diagnostic) {
        guard let program = NameServerProgram.path else { throw failure("aardvark-dns is not installed") }
        group.cgroup.killAll()
        // It waits for a byte before it does anything, so that none ever runs outside its group.
        let go = try Pipe()
        var helper = Helper(
            path: "/proc/self/exe",
            arguments: ["serve-names", program] + NameServerProgram.arguments(group.directory))
        helper.commandName = "reconcile"
        helper.environment = group.server == .nowhere ? ["AARDVARK_NO_PROXY": "1"] : [:]
        helper.directory = "/"
        helper.descriptors = [go.read.number]
        helper.cgroup = group.cgroup
        try helper.detach()
        var byte: UInt8 = 1
        _ = write(go.write.number, &byte, 1)
    }

    /// Waits for the sockets that it opens when it has read its files: all it ever shows of that. Answers with the
    /// process, and the inodes of its sockets.
    private func awaitSockets(
        _ wanted: Set<IPAddress>, _ before: Set<UInt32>, _ process: ProcessIdentity?
    ) throws(Diagnostic) -> (ProcessIdentity, [IPAddress: UInt32]) {
        let (start, step) = (Self.now, 2)
        var (found, changed, signalled) = ([IPAddress: UInt32](), start, start)
        while Self.now - start < Self.patience {
            let new = sockets().filter { wanted.contains($0.address) && !before.contains($0.inode) }
            if new.count != found.count { changed = Self.now }
            found = Dictionary(new.map { ($0.address, $0.inode) }, uniquingKeysWith: { first, _ in first })
            let isQuiet = !found.isEmpty && Self.now - changed > Self.quiet
            // While it starts there are two: the one that was started ends when its child is ready.
            let (running, others) = group.find()
            if let running, others.isEmpty, process == nil || running.process == process,
                found.count == wanted.count || isQuiet || Self.now - start > Self.patience / 2
            {
                let own = NameServerGroup.sockets(of: running.process.pid)
                return (running.process, found.filter { own.contains($0.value) })
            }
            if process?.isAlive == false || group.cgroup.processes.isEmpty { throw failure("it ended by itself") }
            if found.isEmpty, let process, Self.now - signalled > Self.repetition {
                process.signal(SIGHUP)
                signalled = Self.now
            }
            usleep(useconds_t(step * 1000))
        }
        throw failure("it did not take its configuration within \(Self.patience / 1000) s")
    }

    /// Milliseconds since boot.
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    private func failure(_ cause: String) -> Diagnostic {
        Diagnostic(code: "names-failed", "the server of names does not work", cause: cause)
    }
}
