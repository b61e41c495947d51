/// `kind: Container`: a process tree with an image, attached to networks.
public struct Container: Hashable, Sendable {
    /// Name, labels, positions.
    public var metadata: Metadata
    /// Where its root file system comes from.
    public var image: ImageSource
    /// Replaces the image's entrypoint.
    public var command: [String]?
    /// The entrypoint's arguments; default to the image's only where `command` is absent.
    public var args: [String]?
    /// Variables over the image's.
    public var environment: [String: String] = [:]
    /// What it attaches to, in the manifest's order.
    public var networks: [Attachment]
    /// Ports published on the host; ranges are already spread out.
    public var ports: [PortMapping] = []
    /// Mounts, in the manifest's order.
    public var mounts: [Mount] = []
    /// What happens when the process ends.
    public var restart: RestartPolicy = .always
    /// How health is asked for.
    public var healthcheck: Healthcheck?
    /// Limits.
    public var resources = Resources()
    /// `user[:group]` by name or number; `nil`: the image's.
    public var user: String?
    /// `nil`: the image's, else `/`.
    public var workingDir: String?
    /// `nil`: the container's name.
    public var hostname: String?
    /// The root file system cannot be written.
    public var readOnly = false
    /// A small init as process 1, which reaps and forwards signals.
    public var `init` = false
    /// Sysctls of the container's own namespaces.
    public var sysctls: [String: String] = [:]
    /// By name without `RLIMIT_`, lower case (`nofile`).
    public var ulimits: [String: Ulimit] = [:]
    /// By name (`SIGTERM`) or number; `nil`: the image's, else SIGTERM.
    public var stopSignal: String?
    /// From the stop signal to SIGKILL.
    public var stopGracePeriod: Duration = .seconds(10)
    /// Over Docker's defaults; names without `CAP_`, upper case; `ALL` for all.
    public var capabilities = Capabilities()
    /// What `/etc/resolv.conf` says; empty: the host's.
    public var dns = DNSOptions()
    /// Only on nodes whose labels match.
    public var nodeSelector: [String: String] = [:]

    /// A container with defaults for all but these.
    public init(metadata: Metadata, image: ImageSource, networks: [Attachment] = [Attachment(network: "bridge")]) {
        self.metadata = metadata
        self.image = image
        self.networks = networks
    }

    /// `container/NAME`.
    public var id: ResourceID { .container(metadata.name) }

    /// The container whose sandbox it runs in (`networks: [container:NAME]`); `nil`: it has one of its own, or the host's.
    public var sandboxOf: String? { networks.first?.container }
}

/// Where a root file system comes from.
public enum ImageSource: Hashable, Sendable {
    /// A registry reference, normalised as Docker does (`docker.io/library/nginx:1.27`).
    case registry(String)
    /// An OCI image layout on disk and the tag in it (`nil`: its only image).
    case oci(directory: String, tag: String?)
    /// A `docker save` archive.
    case dockerArchive(path: String)
    /// A plain directory, used as the lowest layer: it is never written to.
    case rootfs(directory: String)

    /// As the manifest writes it: `nginx:1.27`, `oci:DIR:TAG`, `docker-archive:FILE`, `rootfs:DIR`.
    public var text: String {
        switch self {
        case .registry(let reference): reference
        case .oci(let directory, let tag): "oci:\(directory)" + (tag.map { ":\($0)" } ?? "")
        case .dockerArchive(let path): "docker-archive:\(path)"
        case .rootfs(let directory): "rootfs:\(directory)"
        }
    }
}

/// One container on one network: what Docker calls an endpoint's settings.
public struct Attachment: Hashable, Sendable {
    /// The network's name; `host` and `none` are predefined, and `container:NAME` is the sandbox of another container.
    public var network: String
    /// The IPv4 address asked for.
    public var ipv4: IPAddress?
    /// The IPv6 address asked for.
    public var ipv6: IPAddress?
    /// The MAC address asked for; `nil`: derived from the IP address.
    public var mac: MACAddress?
    /// Further names on this network.
    public var aliases: [String]
    /// The interface's name inside; `nil`: the lowest free `ethN`.
    public var interface: String?
    /// The highest has the default route; ties go to the network's name.
    public var gatewayPriority: Int

    /// An attachment; only the network is needed.
    public init(
        network: String, ipv4: IPAddress? = nil, ipv6: IPAddress? = nil, mac: MACAddress? = nil,
        aliases: [String] = [], interface: String? = nil, gatewayPriority: Int = 0
    ) {
        self.network = network
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.mac = mac
        self.aliases = aliases
        self.interface = interface
        self.gatewayPriority = gatewayPriority
    }
}

extension Attachment {
    private static let containerPrefix = "container:"

    /// The attachment to another container's sandbox.
    public init(container: String) { self.init(network: Self.containerPrefix + container) }

    /// The container whose sandbox is meant; `nil` for a network, whose name has no colon.
    public var container: String? {
        network.hasPrefix(Self.containerPrefix) ? String(network.dropFirst(Self.containerPrefix.count)) : nil
    }
}
