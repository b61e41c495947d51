import Glibc
import Model

extension ContainerRuntime {
    /// Of so many runs of a container the logs are kept, that of the present one included.
    static let keptLogs = 10

    func startNow(_ launch: ContainerLaunch) throws(Diagnostic) -> ObservedContainer {
        do {
            return try startOrThrow(launch)
        } catch {
            try? deleteNow(launch.id)
            var error = error
            error.resource = error.resource ?? launch.container.id
            throw error
        }
    }

    private func startOrThrow(_ launch: ContainerLaunch) throws(Diagnostic) -> ObservedContainer {
        let id = launch.id
        try checkSources(launch.container)
        let overlay = Overlay(directory: layout.layer(id))
        try overlay.mountOver(launch.image.rootfs)
        try writeBundle(launch, rootfs: overlay.mountPoint)
        let logs = layout.logs(id.name)
        try Files.makeDirectory(logs, mode: 0o750)
        // A container that ends again and again must not fill the disk.
        ContainerLog(layout: layout, name: id.name).prune(keep: Self.keptLogs - 1)
        try Files.makeDirectory(layout.runtimeRoot, mode: 0o700)
        let pid = try Conmon(runtime: self, launch: launch).create()
        let directory = layout.container(id)
        guard let process = ProcessIdentity(living: pid),
            let conmonPid = Files.text(directory + "/conmon.pid").flatMap({ Int32($0) }),
            let conmon = ProcessIdentity(living: conmonPid)
        else {
            throw Diagnostic(code: "start-failed", "container \(id.name) ended before it was started")
        }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let milliseconds = Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
        // Written after the start: whoever finds no record finds a half-made container, and replaces it.
        let record = ContainerRecord(
            process: process, conmon: conmon, startedAt: milliseconds, image: launch.image.digest, spec: launch.spec)
        try release(id)
        try Files.writeAtomically(record.text, to: directory + "/record")
        return ObservedContainer(
            id: id, set: launch.set, spec: launch.spec, image: launch.image.digest, state: .running, process: process,
            conmon: conmon, conmonAlive: true, exitCode: nil, startedAt: milliseconds)
    }

    /// Lets a created container run.
    ///
    /// crun's process waits at a FIFO in its state directory; `crun start` unlinks it and writes one byte, after 3 ms
    /// of CPU for loading its libraries. We do the same where it is as expected, and call crun where it is not.
    private func release(_ id: ContainerID) throws(Diagnostic) {
        if choice.kind == .crun {
            let path = "\(layout.runtimeRoot)/\(id.text)/exec.fifo"
            let fifo = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            if fifo >= 0 {
                defer { close(fifo) }
                var zero: UInt8 = 0
                if unlink(path) == 0, retrying({ write(fifo, &zero, 1) }) == 1 { return }
            }
        }
        try command(["start", id.text]).succeed("start-failed", "container \(id.name) cannot be started")
    }

    private func checkSources(_ container: Container) throws(Diagnostic) {
        for (index, mount) in container.mounts.enumerated() {
            guard mount.kind == .bind, let source = mount.source, !Files.exists(source) else { continue }
            throw Diagnostic(
                code: "mount-source-missing", "\(source), to be mounted at \(mount.target), does not exist",
                hint: "make it first: a bind mount shows what is there", resource: container.id,
                position: container.metadata.position(of: "mounts[\(index)].source"))
        }
    }

    /// Builds the container's directory under a temporary name and renames it: it is there in whole or not at all.
    private func writeBundle(_ launch: ContainerLaunch, rootfs: String) throws(Diagnostic) {
        let final = layout.container(launch.id)
        let capabilities = try CapabilitySet.resolve(launch.container.capabilities)
        let facts = BundleFacts(
            rootfs: rootfs, directory: final, cgroupPath: layout.cgroup(launch.id), cgroupVersion: cgroups.version,
            countsSwap: cgroups.countsSwap, passwd: Files.inRoot("etc/passwd", of: launch.image.rootfs) ?? "",
            group: Files.inRoot("etc/group", of: launch.image.rootfs) ?? "",
            seccomp: try filters.setting(capabilities: capabilities, compiled: choice.kind == .crun),
            initPath: Self.initPath(),
            oomScore: Files.text("/proc/self/oom_score_adj").flatMap { Int($0.prefix { $0 != "\n" }) } ?? 0)
        let config = try OCIBundle.config(launch, facts)
        let temporary = layout.containers + "/" + Files.temporaryName()
        try Files.makeDirectory(temporary + "/exit", mode: 0o700)
        let contents = [
            ("hosts", launch.hosts), ("hostname", launch.hostname + "\n"), ("resolv.conf", launch.resolvConf),
        ]
        for (name, text) in contents { try Files.write(text, to: temporary + "/" + name, mode: 0o644) }
        try Files.write(config.text(), to: temporary + "/config.json")
        guard rename(temporary, final) == 0 else {
            let error = systemError("start-failed", "cannot make \(final)", call: "rename")
            try? Files.removeTree(temporary)
            throw error
        }
    }

    /// An init that needs nothing from the image: these are linked statically.
    private static func initPath() -> String? {
        let libexec = "/usr/libexec/podman/catatonit"
        return Programs.lookup("catatonit") ?? (Files.exists(libexec) ? libexec : nil)
            ?? ["tini-static", "docker-init", "dumb-init"].lazy.compactMap { Programs.lookup($0) }.first
    }
}
