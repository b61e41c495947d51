/// When a process that ended is started again.
public enum RestartPolicy: String, Hashable, Sendable, CaseIterable {
    case always
    case onFailure = "on-failure"
    case never
}

/// Something mounted into a container.
public struct Mount: Hashable, Sendable {
    /// What is mounted.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case bind
        case tmpfs
    }

    /// bind or tmpfs.
    public var kind: Kind
    /// An absolute path of the host; `nil` for tmpfs.
    public var source: String?
    /// An absolute path in the container.
    public var target: String
    /// Mounted read-only.
    public var readOnly: Bool
    /// tmpfs only: its size in bytes.
    public var size: Int64?

    /// A mount.
    public init(kind: Kind, source: String? = nil, target: String, readOnly: Bool = false, size: Int64? = nil) {
        self.kind = kind
        self.source = source
        self.target = target
        self.readOnly = readOnly
        self.size = size
    }
}

/// A command that is run inside the container to ask for its health.
public struct Healthcheck: Hashable, Sendable {
    /// The command and its arguments.
    public var command: [String]
    /// Between two runs.
    public var interval: Duration
    /// After which a run counts as failed.
    public var timeout: Duration
    /// Failures in a row that make it unhealthy.
    public var retries: Int
    /// After the start, in which failures do not count.
    public var startPeriod: Duration

    /// Docker's defaults for all but the command.
    public init(
        command: [String], interval: Duration = .seconds(30), timeout: Duration = .seconds(30), retries: Int = 3,
        startPeriod: Duration = .zero
    ) {
        self.command = command
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
        self.startPeriod = startPeriod
    }
}

/// Limits that a container's control group enforces.
public struct Resources: Hashable, Sendable {
    /// Bytes.
    public var memory: Int64?
    /// In thousandths of a CPU: 500 is half of one.
    public var milliCPUs: Int?
    /// Processes and threads.
    public var pids: Int?

    /// No limits but those given.
    public init(memory: Int64? = nil, milliCPUs: Int? = nil, pids: Int? = nil) {
        self.memory = memory
        self.milliCPUs = milliCPUs
        self.pids = pids
    }
}

/// A resource limit (setrlimit(2)).
public struct Ulimit: Hashable, Sendable {
    /// The limit in force; `.max` is unlimited.
    public var soft: UInt64
    /// How far a process may raise it.
    public var hard: UInt64

    /// A limit.
    public init(soft: UInt64, hard: UInt64) {
        self.soft = soft
        self.hard = hard
    }
}

/// Changes to Docker's default capabilities.
public struct Capabilities: Hashable, Sendable {
    /// Granted as well.
    public var add: [String]
    /// Taken away, before `add` is granted.
    public var drop: [String]

    /// No change but these.
    public init(add: [String] = [], drop: [String] = []) {
        self.add = add
        self.drop = drop
    }
}

/// What `/etc/resolv.conf` says (resolv.conf(5)).
public struct DNSOptions: Hashable, Sendable {
    /// `nameserver` lines; empty: the host's.
    public var servers: [IPAddress]
    /// The `search` line; empty: the host's.
    public var search: [String]
    /// The `options` line; empty: the host's.
    public var options: [String]

    /// The host's, but for what is given.
    public init(servers: [IPAddress] = [], search: [String] = [], options: [String] = []) {
        self.servers = servers
        self.search = search
        self.options = options
    }
}
