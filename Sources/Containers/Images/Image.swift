/// An image that is unpacked and ready to run.
public struct Image: Hashable, Sendable {
    /// `sha256:…` of its manifest in our store; `rootfs:DIR` for a plain directory.
    public var digest: String
    /// What the image says about how to run it.
    public var config: ImageConfig
    /// The directory that is the lowest layer; shared by all containers and never written to.
    public var rootfs: String

    /// An image.
    public init(digest: String, config: ImageConfig = ImageConfig(), rootfs: String) {
        self.digest = digest
        self.config = config
        self.rootfs = rootfs
    }
}

/// The `config` object of an OCI image configuration (image-spec, config.md).
public struct ImageConfig: Hashable, Sendable, Decodable {
    /// The command that `args` are appended to.
    public var entrypoint: [String] = []
    /// Default arguments.
    public var cmd: [String] = []
    /// `NAME=value`.
    public var env: [String] = []
    /// `user[:group]`; empty: root.
    public var user = ""
    /// Empty: `/`.
    public var workingDir = ""
    /// A name or a number.
    public var stopSignal: String?
    /// `80/tcp`, sorted.
    public var exposedPorts: [String] = []
    /// Mount points that hold data, sorted. They stay in the writable layer here.
    public var volumes: [String] = []

    /// An image that says nothing.
    public init() {}

    private enum Keys: String, CodingKey {
        case entrypoint = "Entrypoint"
        case cmd = "Cmd"
        case env = "Env"
        case user = "User"
        case workingDir = "WorkingDir"
        case stopSignal = "StopSignal"
        case exposedPorts = "ExposedPorts"
        case volumes = "Volumes"
    }

    private struct Nothing: Decodable {}

    /// Absent and null members have their defaults, as Go's decoders have it.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        entrypoint = try values.decodeIfPresent([String].self, forKey: .entrypoint) ?? []
        cmd = try values.decodeIfPresent([String].self, forKey: .cmd) ?? []
        env = try values.decodeIfPresent([String].self, forKey: .env) ?? []
        user = try values.decodeIfPresent(String.self, forKey: .user) ?? ""
        workingDir = try values.decodeIfPresent(String.self, forKey: .workingDir) ?? ""
        stopSignal = try values.decodeIfPresent(String.self, forKey: .stopSignal)
        if stopSignal == "" { stopSignal = nil }
        exposedPorts = try values.decodeIfPresent([String: Nothing].self, forKey: .exposedPorts)?.keys.sorted() ?? []
        volumes = try values.decodeIfPresent([String: Nothing].self, forKey: .volumes)?.keys.sorted() ?? []
    }
}
