import Containers
import Foundation
import Model

/// A scratch host for one test: directories, a control group and a root file system with busybox, removed at the end.
final class Scratch: Sendable {
    let layout: StateLayout
    let runtime: ContainerRuntime
    let store: ImageStore
    let observer: ContainerObserver
    let directory: String

    /// Only in a network and a mount namespace other than those of process 1: a test must not touch the machine's.
    /// Where process 1 does not let us look, a network namespace with nothing but `lo` is a fresh one.
    static var isPrivate: Bool {
        guard geteuid() == 0 else { return false }
        if let network = differs("net"), let mounts = differs("mnt") { return network && mounts }
        let devices = (try? String(contentsOfFile: "/proc/self/net/dev", encoding: .utf8)) ?? ""
        return devices.split(separator: "\n").count { $0.contains(":") } == 1
    }

    private static func differs(_ name: String) -> Bool? {
        let files = FileManager.default
        guard let own = try? files.destinationOfSymbolicLink(atPath: "/proc/self/ns/\(name)"),
            let first = try? files.destinationOfSymbolicLink(atPath: "/proc/1/ns/\(name)")
        else { return nil }
        return own != first
    }

    init() throws {
        let tag = "\(getpid())-\(UInt32.random(in: 0...9999))"
        directory = "/tmp/reconcile-test-\(tag)"
        layout = StateLayout(
            runtimeDirectory: directory + "/run", dataDirectory: directory + "/data", set: "test",
            cgroupParent: "/reconcile-test-\(tag)")
        runtime = try ContainerRuntime(layout: layout)
        store = ImageStore(layout: layout, cgroups: runtime.cgroups)
        observer = ContainerObserver(layout: layout)
        try Self.busybox(at: directory + "/busybox")
    }

    /// A root file system with one static program.
    static func busybox(at root: String) throws {
        let files = FileManager.default
        for name in ["bin", "etc", "proc", "sys", "dev", "tmp"] {
            try files.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
        }
        try files.copyItem(atPath: "/bin/busybox", toPath: root + "/bin/busybox")
        for name in ["sh", "sleep", "id", "echo", "cat", "unshare", "touch", "grep"] {
            try files.createSymbolicLink(atPath: "\(root)/bin/\(name)", withDestinationPath: "busybox")
        }
        try "root:x:0:0::/root:/bin/sh\napp:x:101:102::/home/app:/bin/sh\n"
            .write(toFile: root + "/etc/passwd", atomically: false, encoding: .utf8)
    }

    /// Starts a container on our own network namespace.
    func start(
        _ name: String, _ command: [String], image: Image? = nil, _ change: (inout Container) -> Void = { _ in }
    ) async throws -> ObservedContainer {
        let source = ImageSource.rootfs(directory: directory + "/busybox")
        var container = Container(metadata: Metadata(name: name), image: source)
        container.command = command
        change(&container)
        let ready: Image
        if let image { ready = image } else { ready = try await store.pull(source) }
        return try await runtime.start(
            ContainerLaunch(container: container, image: ready, set: layout.set, spec: "spec of \(name)"))
    }

    /// Looks until a container has ended and its monitor, which writes exit code and log, too; half a minute at most.
    func end(of id: ContainerID) async throws -> ObservedContainer {
        for _ in 0..<1500 {
            let seen = observer.observe(id)
            if seen.state != .running, !seen.conmonAlive { return seen }
            try await Task.sleep(for: .milliseconds(20))
        }
        return observer.observe(id)
    }

    func tearDown() async throws {
        for seen in observer.observe() { try await runtime.delete(seen.id) }
        let finder = LeftoverFinder(layout: layout, cgroups: runtime.cgroups)
        _ = await finder.remove(finder.find())
        runtime.removeSharedState()
        try FileManager.default.removeItem(atPath: directory)
    }
}

/// Runs a body with a scratch host that is torn down however the body ends.
func withScratch(_ body: (Scratch) async throws -> Void) async throws {
    let scratch = try Scratch()
    do {
        try await body(scratch)
    } catch {
        try? await scratch.tearDown()
        throw error
    }
    try await scratch.tearDown()
}
