import Model

/// Everything that one incarnation of a container is started from. The OCI configuration is a function of this value
/// and of ``BundleFacts``; nothing else goes into it.
public struct ContainerLaunch: Hashable, Sendable {
    /// The container as the manifests have it.
    public var container: Container
    /// Its image, unpacked.
    public var image: Image
    /// The set that owns it.
    public var set: String
    /// What the annotation `reconcile.spec` holds and observing gives back, to the byte.
    public var spec: String
    /// The network namespace to join; `nil`: the host's.
    public var sandbox: String?
    /// The contents of `/etc/hosts`.
    public var hosts: String
    /// The contents of `/etc/resolv.conf`.
    public var resolvConf: String
    /// Name and incarnation.
    public var id: ContainerID

    /// A launch; a new incarnation unless one is given.
    public init(
        container: Container, image: Image, set: String = "default", spec: String, sandbox: String? = nil,
        hosts: String = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n", resolvConf: String = "",
        id: ContainerID? = nil
    ) {
        self.container = container
        self.image = image
        self.set = set
        self.spec = spec
        self.sandbox = sandbox
        self.hosts = hosts
        self.resolvConf = resolvConf
        self.id = id ?? ContainerID(new: container.metadata.name)
    }

    /// What the container calls itself.
    public var hostname: String { container.hostname ?? container.metadata.name }
    /// The signal that asks it to end; SIGTERM where neither manifest nor image names a known one.
    public var stopSignal: Int32 { Signals.number(container.stopSignal ?? image.config.stopSignal ?? "") ?? 15 }
}

/// What the host adds to a launch: found by looking, before the pure part.
public struct BundleFacts: Hashable, Sendable {
    /// Where the container's root file system is mounted.
    public var rootfs: String
    /// The directory that holds `hosts`, `hostname` and `resolv.conf`.
    public var directory: String
    /// The control group's path inside the hierarchies.
    public var cgroupPath: String
    /// v1 or v2.
    public var cgroupVersion: Cgroups.Version
    /// Whether the kernel accounts swap, so that a memory limit can bound it too.
    public var countsSwap: Bool
    /// The image's `/etc/passwd`, for users by name.
    public var passwd: String
    /// The image's `/etc/group`.
    public var group: String
    /// How system calls are filtered.
    public var seccomp: SeccompSetting
    /// The init of the host that `init: true` mounts into the container.
    public var initPath: String?
    /// Our own oom_score_adj (proc(5)), which what we start would inherit.
    public var oomScore: Int

    /// Facts of a host.
    public init(
        rootfs: String, directory: String, cgroupPath: String, cgroupVersion: Cgroups.Version, countsSwap: Bool = false,
        passwd: String = "", group: String = "", seccomp: SeccompSetting = .none, initPath: String? = nil,
        oomScore: Int = 0
    ) {
        self.rootfs = rootfs
        self.directory = directory
        self.cgroupPath = cgroupPath
        self.cgroupVersion = cgroupVersion
        self.countsSwap = countsSwap
        self.passwd = passwd
        self.group = group
        self.seccomp = seccomp
        self.initPath = initPath
        self.oomScore = oomScore
    }
}

/// How a container's system calls are filtered.
public enum SeccompSetting: Hashable, Sendable {
    /// Not at all.
    case none
    /// By a compiled filter, base64: crun takes it as the annotation `run.oci.seccomp_bpf_data`.
    case compiled(String)
    /// By the OCI object `linux.seccomp`, which the runtime compiles at each start.
    case profile(JSONValue)
}
