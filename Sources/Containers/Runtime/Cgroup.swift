import Glibc
import Model

/// One control group of ours, by its path below each hierarchy.
public struct Cgroup: Hashable, Sendable {
    /// An absolute path inside the hierarchies (`/reconcile/default/helpers`).
    public let path: String
    let cgroups: Cgroups

    init(_ path: String, _ cgroups: Cgroups) {
        self.path = path
        self.cgroups = cgroups
    }

    private var directory: String { cgroups.tracking + path }

    /// Moves a process in. A failure leaves it where it is: only the clean-up after a crash of ours depends on it.
    func adopt(_ pid: pid_t) {
        if (try? Files.write(String(pid), to: directory + "/cgroup.procs")) != nil { return }
        try? Files.makeDirectory(directory)
        try? Files.write(String(pid), to: directory + "/cgroup.procs")
    }

    /// The processes in it, not in those below.
    var processes: [pid_t] {
        (Files.text(directory + "/cgroup.procs") ?? "").split(separator: "\n").compactMap { pid_t($0) }
    }

    /// The names of the groups below.
    var children: [String] { Files.directories(in: directory) }

    /// Ends all processes in it and waits for them, two seconds at most. Repeated, since they may fork meanwhile.
    func killAll() {
        for _ in 0..<100 {
            let found = processes
            if found.isEmpty { return }
            for pid in found { kill(pid, SIGKILL) }
            usleep(20_000)
        }
    }

    /// Removes it and those below from every hierarchy; groups that still hold processes stay.
    func remove() {
        for hierarchy in cgroups.hierarchies { Self.remove(hierarchy + path) }
        if let mount = cgroups.hybridMount { Self.remove(mount + path) }
    }

    /// Removes it from every hierarchy where nothing is in it.
    func removeIfEmpty() {
        for hierarchy in cgroups.hierarchies + (cgroups.hybridMount.map { [$0] } ?? []) { rmdir(hierarchy + path) }
    }

    private static func remove(_ directory: String) {
        if rmdir(directory) == 0 || errno == ENOENT { return }
        for name in Files.directories(in: directory) { remove(directory + "/" + name) }
        rmdir(directory)
    }
}
