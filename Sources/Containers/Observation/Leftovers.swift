import Glibc
import Model

/// Something of ours that nothing needs any more: what a crash, a reboot or a foreign hand left behind.
public struct Leftover: Hashable, Sendable {
    /// What it is.
    public enum Kind: String, Hashable, Sendable {
        /// A helper (skopeo, umoci, crun) that outlived the process that ran it.
        case helper
        /// A process in the forwarder's control group that is not the forwarder; or the directory of one that is gone.
        case forwarder
        /// A process in the control group of a server of names that is not that server; or the files of one that is gone.
        case nameServer
        /// A conmon whose container has no directory.
        case conmon
        /// A directory under a temporary name whose maker is gone.
        case temporary
        /// A writable layer, mounted or not, without a container.
        case layer
        /// The OCI runtime's state without a container.
        case state
        /// A control group without a container.
        case cgroup
    }

    /// What it is.
    public var kind: Kind
    /// A path, an id or a pid, for the reader.
    public var name: String
}

/// Finds and removes leftovers of one set.
public struct LeftoverFinder: Sendable {
    let layout: StateLayout
    let cgroups: Cgroups

    /// A finder for a set. It must run while no other process works on the set, which the pass's lock sees to: what
    /// that process is just making would look like a leftover.
    public init(layout: StateLayout, cgroups: Cgroups) {
        self.layout = layout
        self.cgroups = cgroups
    }

    /// All that is left over. Reads directories only; `helpers: false` skips running helpers, which a caller with a
    /// pull of its own under way must not end.
    ///
    /// `conmons` are the pids of conmons that are known to serve a container: only others are looked at.
    public func find(helpers: Bool = true, conmons: Set<Int32> = []) -> [Leftover] {
        var found: [Leftover] = []
        if helpers {
            found += Cgroup(layout.helperCgroup, cgroups).processes.map { Leftover(kind: .helper, name: String($0)) }
        }
        let (forwarder, others) = forwarders.find()
        found += others.map { Leftover(kind: .forwarder, name: String($0)) }
        if forwarder == nil, Files.exists(layout.forwarderDirectory) {
            found.append(Leftover(kind: .forwarder, name: layout.forwarderDirectory))
        }
        for group in nameServers {
            let (server, others) = group.find()
            found += others.map { Leftover(kind: .nameServer, name: String($0)) }
            if server == nil, Files.exists(group.directory) || Files.exists(layout.nameNote(group.server)) {
                found.append(Leftover(kind: .nameServer, name: group.directory))
            }
        }
        let names = Files.names(in: layout.containers)
        let known = Set(names)
        for pid in Cgroup(layout.conmonCgroup, cgroups).processes where !conmons.contains(pid) {
            let id = ContainerRuntime.conmonContainer(pid)
            // conmon's own children, crun on its way, have no such command line and end with it.
            if let id, !known.contains(id.text) { found.append(Leftover(kind: .conmon, name: String(pid))) }
        }
        for (directory, list) in [
            (layout.containers, names), (layout.images, Files.names(in: layout.images)),
            (layout.unpacked, Files.names(in: layout.unpacked)),
        ] {
            found += list.filter(Files.isAbandoned).map { Leftover(kind: .temporary, name: directory + "/" + $0) }
        }
        func unknown(_ names: [String], _ kind: Leftover.Kind) {
            found += names.lazy.filter { !known.contains($0) }.compactMap { ContainerID($0)?.text }
                .map { Leftover(kind: kind, name: $0) }
        }
        unknown(Files.names(in: layout.runtimeRoot), .state)
        unknown(Cgroup("\(layout.cgroupParent)/\(layout.set)", cgroups).children, .cgroup)
        unknown(Files.names(in: layout.layers), .layer)
        return found
    }

    private var forwarders: ForwarderGroup { ForwarderGroup(layout: layout, cgroups: cgroups) }

    private var nameServers: [NameServerGroup] {
        NameServer.allCases.map { NameServerGroup(server: $0, layout: layout, cgroups: cgroups) }
    }

    /// Removes what was found, each by itself; returns what could not be removed.
    public func remove(_ leftovers: [Leftover]) async -> [Diagnostic] {
        let failures = try? await OwnThread.run { leftovers.compactMap { self.removeNow($0) } }
        return failures ?? []
    }

    private func removeNow(_ leftover: Leftover) -> Diagnostic? {
        do {
            switch leftover.kind {
            case .helper: Cgroup(layout.helperCgroup, cgroups).killAll()
            case .forwarder:
                let (forwarder, others) = forwarders.find()
                for pid in others { ProcessIdentity(living: pid)?.signal(SIGKILL) }
                if forwarder == nil { try ForwarderControl(group: forwarders).end() }
            case .nameServer:
                for group in nameServers {
                    let (server, others) = group.find()
                    for pid in others { ProcessIdentity(living: pid)?.signal(SIGKILL) }
                    guard server == nil else { continue }
                    try NameServerControl(
                        group: group, sockets: { [] }, upstream: { [] }, memory: NameServerMemory()
                    ).end()
                }
            case .conmon:
                if let pid = Int32(leftover.name), ContainerRuntime.conmonContainer(pid) != nil {
                    ProcessIdentity(living: pid)?.signal(SIGKILL)
                }
            case .temporary:
                AbandonedCheck(pidFile: leftover.name, layout: layout)?.end()
                try Files.removeTree(leftover.name)
            case .state: try Files.removeTree(layout.runtimeRoot + "/" + leftover.name)
            case .cgroup:
                let group = Cgroup("\(layout.cgroupParent)/\(layout.set)/\(leftover.name)", cgroups)
                group.killAll()
                group.remove()
            case .layer: try Overlay(directory: layout.layers + "/" + leftover.name).remove()
            }
            return nil
        } catch {
            return error
        }
    }
}
