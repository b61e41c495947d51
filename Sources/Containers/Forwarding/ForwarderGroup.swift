import Glibc
import Model

/// The control group of a set's forwarder, and what is found in it.
struct ForwarderGroup {
    let layout: StateLayout
    let cgroups: Cgroups

    /// A forwarder that runs.
    struct Running {
        let process: ProcessIdentity
        /// What it serves, in its own words.
        let state: ForwardTable
        /// Halted by a signal: its sockets take connections, and nobody answers.
        let isStopped: Bool
    }

    var cgroup: Cgroup { Cgroup(layout.forwarderCgroup, cgroups) }

    /// The forwarder, and the numbers of all other processes in its group: none of them should be there.
    func find() -> (running: Running?, others: [pid_t]) {
        var running: Running?
        var others: [pid_t] = []
        for pid in cgroup.processes.sorted() {
            guard let process = ProcessIdentity(living: pid) else { continue }
            if running == nil, let found = Self.forwarder(process) { running = found } else { others.append(pid) }
        }
        return (running, others)
    }

    /// A process by what only a forwarder of ours has: its command line, and its state at the descriptor that it is
    /// told by. Which file it runs from does not matter, so that an upgrade changes nothing.
    private static func forwarder(_ process: ProcessIdentity) -> Running? {
        let directory = "/proc/\(process.pid)"
        let words = (Files.bytes(directory + "/cmdline") ?? []).split(separator: 0)
        let path = "\(directory)/fd/\(ForwardTable.stateDescriptor)"
        guard words.count > 2, words[1].elementsEqual("forward".utf8),
            Files.target(of: path) == "/memfd:\(ForwardTable.stateName) (deleted)",
            let state = Files.text(path).flatMap({ ForwardTable(text: $0) }), process.isAlive
        else { return nil }
        return Running(process: process, state: state, isStopped: isStopped(directory))
    }

    /// State T or t in /proc/PID/stat (proc(5)).
    static func isStopped(_ directory: String) -> Bool {
        guard let bytes = Files.firstPiece(directory + "/stat"), let end = bytes.lastIndex(of: UInt8(ascii: ")")),
            end + 2 < bytes.count
        else { return false }
        return bytes[end + 2] == UInt8(ascii: "T") || bytes[end + 2] == UInt8(ascii: "t")
    }
}
