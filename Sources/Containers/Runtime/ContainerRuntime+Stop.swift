import Glibc
import Model

extension ContainerRuntime {
    func stopNow(_ id: ContainerID, signal: Int32, grace: Duration) {
        let seen = ContainerObserver(layout: layout).observe(id)
        guard seen.state == .running, let process = seen.process else { return }
        let milliseconds = grace.components.seconds * 1000 + grace.components.attoseconds / 1_000_000_000_000_000
        process.signal(signal)
        if !process.waitForEnd(milliseconds: Int32(clamping: milliseconds)) {
            process.signal(SIGKILL)
            _ = process.waitForEnd(milliseconds: 10_000)
        }
        // conmon ends once it has written the exit code.
        if let conmon = seen.conmon { _ = conmon.waitForEnd(milliseconds: 5000) }
    }

    func deleteNow(_ id: ContainerID) throws(Diagnostic) {
        let directory = layout.container(id)
        let seen = ContainerObserver(layout: layout).observe(id)
        if let process = seen.process, process.signal(SIGKILL) { _ = process.waitForEnd(milliseconds: 10_000) }
        // What its group still holds: children in a pid namespace of their own, or a half-made container's init.
        let group = Cgroup(layout.cgroup(id), cgroups)
        group.killAll()
        if let conmon = seen.conmon ?? halfMadeConmon(id), !conmon.waitForEnd(milliseconds: 2000) {
            conmon.signal(SIGKILL)
            _ = conmon.waitForEnd(milliseconds: 2000)
        }
        let state = layout.runtimeRoot + "/" + id.text
        if Files.exists(state) {
            // Its failure is no error: what it would have removed is removed below in any case.
            var delete = command(["delete", "--force", id.text])
            delete.timeout = 20_000
            _ = try? delete.run()
            try Files.removeTree(state)
        }
        group.remove()
        try Overlay(directory: layout.layer(id)).remove()
        // Last, so that an interrupted deletion is seen, and done again, by the next pass.
        try Files.removeTree(directory)
    }

    /// Removes what the set shares, after its last container: directories, control groups. Images, logs and compiled
    /// filters stay; a directory that still holds something stays too.
    public func removeSharedState() {
        let set = Cgroup("\(layout.cgroupParent)/\(layout.set)", cgroups)
        guard ContainerObserver(layout: layout).observe().isEmpty else { return }
        set.remove()
        Cgroup(layout.cgroupParent, cgroups).removeIfEmpty()
        for path in [
            layout.containers, layout.runtimeRoot, "\(layout.runtimeDirectory)/\(layout.set)", layout.layers,
        ] {
            rmdir(path)
        }
    }

    /// The conmon of a container without a record: only while that process really is the conmon of this container.
    private func halfMadeConmon(_ id: ContainerID) -> ProcessIdentity? {
        guard let text = Files.text(layout.container(id) + "/conmon.pid"), let pid = Int32(text),
            let process = ProcessIdentity(living: pid), Self.conmonContainer(pid) == id
        else { return nil }
        return process
    }

    /// The container whose conmon a process is, by its command line; `nil` where it is none of ours.
    static func conmonContainer(_ pid: pid_t) -> ContainerID? {
        guard let bytes = Files.bytes("/proc/\(pid)/cmdline") else { return nil }
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard words.first?.hasSuffix("conmon") == true, let at = words.firstIndex(of: "--cid"), at + 1 < words.count
        else { return nil }
        return ContainerID(words[at + 1])
    }
}
