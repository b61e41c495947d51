import Glibc
import Model

/// What there is of one server of names: its control group, its process, its files.
struct NameServerGroup {
    let server: NameServer
    let layout: StateLayout
    let cgroups: Cgroups

    /// A server that runs.
    struct Running {
        let process: ProcessIdentity
        /// Halted by a signal.
        let isStopped: Bool
    }

    var directory: String { layout.nameConfiguration(server) }

    var cgroup: Cgroup { Cgroup("\(layout.nameCgroup)/\(server.rawValue)", cgroups) }

    /// The server, and the numbers of all other processes in its group: none of them should be there.
    func find() -> (running: Running?, others: [pid_t]) {
        var running: Running?
        var others: [pid_t] = []
        for pid in cgroup.processes.sorted() {
            guard let process = ProcessIdentity(living: pid) else { continue }
            if running == nil, isServer(pid), process.isAlive {
                running = Running(process: process, isStopped: ForwarderGroup.isStopped("/proc/\(pid)"))
            } else {
                others.append(pid)
            }
        }
        return (running, others)
    }

    /// By its command line: which version of the program it is does not matter, so that an upgrade changes nothing.
    private func isServer(_ pid: pid_t) -> Bool {
        let words = (Files.bytes("/proc/\(pid)/cmdline") ?? []).split(separator: 0)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let name = words.first, name == "aardvark-dns" || name.hasSuffix("/aardvark-dns") else { return false }
        return Array(words.dropFirst()) == NameServerProgram.arguments(directory)
    }

    /// What it was seen to have read, where it is still that process.
    func note(of process: ProcessIdentity, _ memory: NameServerMemory) -> NameServerNote? {
        let note = Files.text(layout.nameNote(server)).flatMap { memory.note(server, $0) }
        return note?.process == process ? note : nil
    }

    /// Its configuration files as they are, by name: without the one in which it writes its own number.
    var files: [String: String] {
        var files: [String: String] = [:]
        for name in Files.names(in: directory) where name != "aardvark.pid" {
            files[name] = Files.text("\(directory)/\(name)") ?? ""
        }
        return files
    }

    /// The inodes of the sockets that a process has open.
    static func sockets(of pid: pid_t) -> Set<UInt32> {
        var inodes: Set<UInt32> = []
        for name in Files.names(in: "/proc/\(pid)/fd") {
            let target = Files.target(of: "/proc/\(pid)/fd/\(name)") ?? ""
            guard target.hasPrefix("socket:["), let inode = UInt32(target.dropFirst(8).dropLast()) else { continue }
            inodes.insert(inode)
        }
        return inodes
    }
}
