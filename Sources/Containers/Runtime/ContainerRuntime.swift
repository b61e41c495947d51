import Model

/// Starts, stops and removes the containers of one set, by an OCI runtime under conmon.
///
/// Every operation may run beside others on other containers. Blocking work happens on threads of its own.
public struct ContainerRuntime: Sendable {
    /// Where everything lies.
    public let layout: StateLayout
    /// The host's control groups.
    public let cgroups: Cgroups
    /// crun or runc, and why.
    public let choice: RuntimeChoice
    let conmon: String
    let filters: SeccompFilters
    let helpers: Cgroup

    /// Looks at the host and chooses a runtime. Throws `program-missing`, `runtime-missing` or `cgroups-missing`.
    public init(layout: StateLayout) throws(Diagnostic) {
        self.layout = layout
        cgroups = try Cgroups.read()
        choice = try RuntimeChoice.look(cgroups)
        conmon = try Programs.find("conmon")
        filters = SeccompFilters(directory: layout.seccomp)
        helpers = Cgroup(layout.helperCgroup, cgroups)
    }

    /// Starts a new incarnation and returns it running. On failure everything made for it is removed again.
    ///
    /// Throws `start-failed` with the runtime's own words, or what ``OCIBundle/config(_:_:)`` throws.
    public func start(_ launch: ContainerLaunch) async throws -> ObservedContainer {
        try await OwnThread.run { try self.startNow(launch) }
    }

    /// Asks the container to end, and kills it after the grace period. Returns once its process has ended and its exit
    /// code is written; a container that is not running is success.
    public func stop(_ id: ContainerID, signal: Int32 = 15, grace: Duration = .seconds(10)) async throws {
        try await OwnThread.run { self.stopNow(id, signal: signal, grace: grace) }
    }

    /// Sends a signal to the container's process 1; `false` where it is not running.
    @discardableResult
    public func kill(_ id: ContainerID, signal: Int32) -> Bool {
        let seen = ContainerObserver(layout: layout).observe(id)
        return seen.state == .running && seen.process?.signal(signal) == true
    }

    /// Ends the container at once and removes all that was made for it, but for its logs. Half-made containers are
    /// removed in the same way; what is gone already is success.
    public func delete(_ id: ContainerID) async throws {
        try await OwnThread.run { try self.deleteNow(id) }
    }

    /// Changes the limits of a running container. Throws `update-failed`.
    public func update(_ id: ContainerID, resources: Resources) async throws {
        try await OwnThread.run { try Cgroup(self.layout.cgroup(id), self.cgroups).set(resources) }
    }

    /// Gives a container another `/etc/hosts` or `/etc/resolv.conf` while it runs; `nil` leaves one as it is. Written in
    /// place, since the container sees the file itself and not its name.
    public func rewrite(_ id: ContainerID, hosts: String? = nil, resolvConf: String? = nil) throws(Diagnostic) {
        for (name, text) in [("hosts", hosts), ("resolv.conf", resolvConf)] {
            guard let text, Files.text("\(layout.container(id))/\(name)") != text else { continue }
            try Files.write(text, to: "\(layout.container(id))/\(name)", mode: 0o644)
        }
    }

    /// A command of the OCI runtime in our helper group.
    func command(_ arguments: [String]) -> Helper {
        var helper = Helper(path: choice.path, arguments: ["--root", layout.runtimeRoot] + arguments)
        helper.cgroup = helpers
        return helper
    }
}
