import Model

/// The OCI runtime that this host's containers run by, chosen by looking.
public struct RuntimeChoice: Hashable, Sendable {
    /// What we know how to speak to.
    public enum Kind: String, Hashable, Sendable {
        case crun
        case runc
    }

    /// crun or runc.
    public var kind: Kind
    /// An absolute path.
    public var path: String
    /// Why it was chosen, as a sentence for `status` and the log.
    public var reason: String

    /// `crun`, `runc`.
    public var name: String { kind.rawValue }

    /// crun where it can work: it starts faster and takes compiled seccomp filters. crun refuses v1 hierarchies beside
    /// a cgroup2 mount that holds a controller ("drop all controllers from cgroupv2"); runc takes such hosts.
    ///
    /// `v2Controllers` is the text of `cgroup.controllers` in the cgroup2 mount beside v1, empty where there is none.
    public static func choose(
        cgroups: Cgroups, v2Controllers: String, crun: String?, runc: String?
    ) throws(Diagnostic) -> RuntimeChoice {
        let controllers = v2Controllers.split { $0 == " " || $0 == "\n" }.joined(separator: ", ")
        let refused = cgroups.version == .v1 && cgroups.hybridMount == "/sys/fs/cgroup/unified" && !controllers.isEmpty
        if let crun, !refused {
            return RuntimeChoice(kind: .crun, path: crun, reason: "crun is installed and takes this host's cgroups")
        }
        if let runc {
            let reason =
                refused && crun != nil
                ? "crun refuses this host's hybrid cgroups (v1, and \(controllers) on v2)" : "crun is not installed"
            return RuntimeChoice(kind: .runc, path: runc, reason: reason)
        }
        if refused, crun != nil {
            throw Diagnostic(
                code: "runtime-missing", "no OCI runtime takes this host's cgroups",
                cause: "crun refuses v1 hierarchies beside a cgroup2 that holds \(controllers); runc is not installed",
                hint: "apt install runc, or boot with cgroup_no_v1=all")
        }
        throw Diagnostic(code: "runtime-missing", "no OCI runtime is installed", hint: "apt install crun")
    }

    /// The choice for this host now.
    public static func look(_ cgroups: Cgroups) throws(Diagnostic) -> RuntimeChoice {
        let controllers = cgroups.hybridMount.flatMap { Files.text($0 + "/cgroup.controllers") } ?? ""
        return try choose(
            cgroups: cgroups, v2Controllers: controllers, crun: Programs.lookup("crun"), runc: Programs.lookup("runc"))
    }
}
