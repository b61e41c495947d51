import Glibc
import Model

/// How the host's control groups are mounted (cgroups(7)), read from the text of /proc/self/mounts.
public struct Cgroups: Hashable, Sendable {
    /// What the mounts amount to.
    public enum Version: String, Hashable, Sendable {
        /// Controllers in hierarchies of their own, with or without a controller-less cgroup2 mount (systemd's hybrid).
        case v1
        /// One cgroup2 at /sys/fs/cgroup.
        case v2
    }

    /// v1 or v2.
    public var version: Version
    /// The mount points of the hierarchies: one for v2, one a hierarchy for v1.
    public var hierarchies: [String]
    /// Where a cgroup2 is mounted beside v1 hierarchies.
    public var hybridMount: String?
    /// The hierarchy that we look for processes in.
    public var tracking: String

    /// From the text of /proc/self/mounts; `nil` where no control groups are mounted.
    public init?(mounts text: String) {
        var v1: [(path: String, options: Substring)] = []
        var v2: String?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 4 else { continue }
            switch fields[2] {
            case "cgroup": v1.append((String(fields[1]), fields[3]))
            case "cgroup2": v2 = v2 ?? String(fields[1])
            default: break
            }
        }
        if v1.isEmpty {
            guard let v2 else { return nil }
            version = .v2
            hierarchies = [v2]
            tracking = v2
            return
        }
        version = .v1
        hierarchies = v1.map { $0.path }
        hybridMount = v2
        // A hierarchy that no limit depends on, and that container runtimes join whatever the configuration says.
        let choice = ["pids", "freezer", "name=systemd", "memory"].lazy.compactMap { name in
            v1.first { $0.options.split(separator: ",").contains(Substring(name)) }
        }
        tracking = choice.first?.path ?? v1[0].path
    }

    /// The host's.
    public static func read() throws(Diagnostic) -> Cgroups {
        guard let found = Cgroups(mounts: Files.text("/proc/self/mounts") ?? "") else {
            throw Diagnostic(
                code: "cgroups-missing", "no control groups are mounted at /sys/fs/cgroup",
                hint: "mount -t cgroup2 cgroup2 /sys/fs/cgroup")
        }
        return found
    }

    /// Whether memory limits count swap too. With v1 a file tells; with v2 the root group has none, but the kernel
    /// always accounts swap where it knows it at all, unless the boot line forbids it.
    public var countsSwap: Bool {
        switch version {
        case .v1: hierarchies.contains { Files.exists($0 + "/memory.memsw.limit_in_bytes") }
        case .v2: Files.exists("/proc/swaps") && Files.text("/proc/cmdline")?.contains("swapaccount=0") != true
        }
    }
}

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
    var children: [String] {
        Files.names(in: directory).filter { name in
            var status = stat()
            return lstat(directory + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }

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

    /// Removes the groups above that are empty now, as far as they are ours: up to the first that is not.
    func removeParents() {
        var path = path[...]
        while let cut = path.lastIndex(of: "/"), cut != path.startIndex {
            path = path[..<cut]
            for hierarchy in cgroups.hierarchies + (cgroups.hybridMount.map { [$0] } ?? []) {
                rmdir(hierarchy + path)
            }
        }
    }

    private static func remove(_ directory: String) {
        if rmdir(directory) == 0 || errno == ENOENT { return }
        for name in Files.names(in: directory) {
            var status = stat()
            let path = directory + "/" + name
            if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { remove(path) }
        }
        rmdir(directory)
    }
}
