extension ObjectKind {
    /// A container's process tree. The kernel changes little of a living one: what is not named here
    /// replaces it.
    public static let process = ObjectKind(
        "process", rank: 80,
        updatedBy: [.hosts, .resolver, .memory, .cpus, .pids, .restart, .healthcheck, .stopGracePeriod],
        isClosed: true, drifting: [.state, .sandbox],
        // Also one that may rest once it has ended: made anew, it runs first.
        beginsWith: [Field(.state, "running")], shown: [.image],
        units: [.memory: .bytes, .cpus: .thousandths, .stopGracePeriod: .milliseconds])
}

extension FieldName {
    /// `running`, `exited`, `created`.
    public static let state: FieldName = "state"
    /// The text of an image's source.
    public static let image: FieldName = "image"
    /// The lines of its /etc/hosts.
    public static let hosts: FieldName = "hosts"
    /// The lines of its /etc/resolv.conf.
    public static let resolver: FieldName = "dns"
    /// Bytes that its control group may use.
    public static let memory: FieldName = "resources.memory"
    /// Thousandths of a CPU that it may use.
    public static let cpus: FieldName = "resources.cpus"
    /// Processes and threads that it may have.
    public static let pids: FieldName = "resources.pids"
    /// When it is started again.
    public static let restart: FieldName = "restart"
    /// How its health is asked for.
    public static let healthcheck: FieldName = "healthcheck"
    /// Milliseconds from the stop signal to SIGKILL.
    public static let stopGracePeriod: FieldName = "stopGracePeriod"
    /// The sandbox that a process runs in: a container's name, or `host`.
    public static let sandbox: FieldName = "sandbox"
}

extension ObjectID {
    /// A container's process.
    public static func process(_ container: String) -> ObjectID { ObjectID(.process, container, in: container) }
}
