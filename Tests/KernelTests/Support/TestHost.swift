import Foundation
import Testing

/// A host of its own: network and mount namespaces with a fresh /run, and a directory for manifests and data.
///
/// All that a test does happens in here or in network namespaces made beside it, which no link joins to the machine's.
final class TestHost {
    /// Where a command runs.
    enum Place {
        /// The host under test.
        case host
        /// A container's sandbox.
        case sandbox(String)
        /// Another host, made by ``connect``.
        case peer(String)
    }

    /// Everything of this test: manifests, data, the root file system of its containers.
    let directory: String
    /// The ownership set.
    let set = "default"
    let binary: String
    private let holder: RunningCommand
    private var cleanups: [() -> Void] = []

    /// The process that holds the namespaces.
    var holderPID: Int32 { holder.pid }
    var manifests: String { directory + "/manifests" }
    var data: String { directory + "/data" }
    var rootfs: String { directory + "/rootfs" }
    /// The name of the nftables table.
    let table = "reconcile"

    fileprivate init(keepsHybridCgroups: Bool, lifetime: Duration) throws {
        try Requirements.check()
        binary = try Requirements.binary()
        directory = try Files.temporaryDirectory()
        // It ends by itself should the tests be killed.
        holder = try RunningCommand([
            "unshare", "--net", "--mount", "--propagation", "private", "sleep", "\(lifetime.components.seconds)",
        ])
        let own = Self.namespace("self")
        let holder = holder
        guard eventually({ Self.namespace("\(holder.pid)") != own && Self.comm(holder.pid) == "sleep" }) else {
            throw Failure("the namespaces of a test host were not made")
        }
        for machine in ["self", "1"] where Self.namespace("\(holder.pid)") == Self.namespace(machine) {
            throw Failure("a kernel test never runs in the machine's own network namespace")
        }
        try sh("mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up")
        // crun 1.8 refuses a cgroup2 that holds controllers beside version 1.
        if !keepsHybridCgroups {
            try sh("if [ -s /sys/fs/cgroup/unified/cgroup.controllers ]; then umount /sys/fs/cgroup/unified; fi")
        }
        try Rootfs.make(rootfs)
        try FileManager.default.createDirectory(atPath: manifests, withIntermediateDirectories: true)
    }

    /// Done in reverse order when the test ends, whatever became of it.
    func onCleanup(_ action: @escaping () -> Void) { cleanups.append(action) }

    fileprivate func close() {
        for cleanup in cleanups.reversed() { cleanup() }
        _ = try? reconcile("destroy", "--yes")
        for pid in processes { kill(pid, SIGKILL) }
        _ = eventually { processes.isEmpty }
        for group in cgroups.sorted(by: >) { rmdir(group) }
        holder.stop()
        Files.remove(directory)
    }

    /// Runs a shell's commands; fails where they fail.
    @discardableResult
    func sh(_ script: String, in place: Place = .host, timeout: Duration = .seconds(60)) throws -> String {
        let result = try attempt(script, in: place, timeout: timeout)
        guard result.isSuccess else { throw Failure("\(result)") }
        return result.text
    }

    /// Runs a shell's commands; answers with what became of them.
    func attempt(_ script: String, in place: Place = .host, timeout: Duration = .seconds(60)) throws -> CommandResult {
        try RunningCommand(arguments(["sh", "-c", script], in: place)).wait(timeout)
    }

    /// Starts a shell's commands in the background; they are ended with the test.
    func start(_ script: String, in place: Place = .host) throws -> RunningCommand {
        let command = try RunningCommand(arguments(["sh", "-c", "exec " + script], in: place))
        onCleanup { command.stop() }
        return command
    }

    func arguments(_ command: [String], in place: Place) -> [String] {
        let enter = ["nsenter", "-t", "\(holder.pid)", "--net", "--mount", "--"]
        switch place {
        case .host: return enter + command
        case .sandbox(let name): return enter + ["nsenter", "--net=/run/netns/reconcile-\(name)", "--"] + command
        case .peer(let name): return enter + ["nsenter", "--net=/run/netns/\(name)", "--"] + command
        }
    }

    /// The control groups of this host, in all hierarchies: they are named by the network namespace.
    var cgroups: [String] {
        let roots = ["/sys/fs/cgroup"] + Files.names("/sys/fs/cgroup").map { "/sys/fs/cgroup/\($0)" }
        let own = Self.namespace("\(holder.pid)").filter(\.isNumber)
        let tops = roots.map { "\($0)/reconcile-\(own)" }
        return tops.filter(Files.exists).flatMap { top in
            let inside = FileManager.default.subpaths(atPath: top) ?? []
            return [top] + inside.map { "\(top)/\($0)" }.filter { Files.exists($0 + "/cgroup.procs") }
        }
    }

    /// The processes of this host's containers, and their helpers.
    var processes: Set<Int32> {
        Set(cgroups.flatMap { Files.read($0 + "/cgroup.procs").lines.compactMap { Int32($0) } })
    }

    /// A limit of a container, read from its control group: `v1` and `v2` are the names of the file.
    func limit(_ container: String, _ v1: String, _ v2: String) -> String {
        let groups = cgroups.filter { $0.contains("/\(container)-") }
        return groups.flatMap { ["\($0)/\(v1)", "\($0)/\(v2)"] }.first(where: Files.exists)
            .map { Files.read($0).trimmed } ?? "no control group has it"
    }

    private static func namespace(_ process: String) -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")) ?? ""
    }

    private static func comm(_ pid: Int32) -> String { Files.read("/proc/\(pid)/comm").trimmed }
}

/// Gives `body` a host of its own and takes it away after.
///
/// It is taken away after `lifetime` in any case, should the tests be killed.
func withHost(
    keepsHybridCgroups: Bool = false, lifetime: Duration = .seconds(900), _ body: (TestHost) throws -> Void
) throws {
    let host = try TestHost(keepsHybridCgroups: keepsHybridCgroups, lifetime: lifetime)
    defer { host.close() }
    try body(host)
}
