import Model

/// Where everything of one set lies on disk.
public struct StateLayout: Hashable, Sendable {
    /// Lives and dies with the kernel's state (`/run/reconcile`).
    public var runtimeDirectory: String
    /// Survives a reboot (`/var/lib/reconcile`).
    public var dataDirectory: String
    /// The set that owns what is here.
    public var set: String
    /// The control group below which all of ours are, as a path inside the hierarchies.
    public var cgroupParent: String

    /// A layout; directories are made when they are first needed.
    public init(
        runtimeDirectory: String = "/run/reconcile", dataDirectory: String = "/var/lib/reconcile",
        set: String = "default", cgroupParent: String = "/reconcile"
    ) {
        self.runtimeDirectory = runtimeDirectory
        self.dataDirectory = dataDirectory
        self.set = set
        self.cgroupParent = cgroupParent
    }

    /// One directory a container, named by its id.
    public var containers: String { "\(runtimeDirectory)/\(set)/containers" }
    /// The OCI runtime's own state (`crun --root`).
    public var runtimeRoot: String { "\(runtimeDirectory)/\(set)/runtime" }
    /// Compiled seccomp filters.
    public var seccomp: String { "\(runtimeDirectory)/seccomp" }
    /// The content-addressed OCI image layout.
    public var images: String { "\(dataDirectory)/images" }
    /// One unpacked root file system a manifest digest.
    public var unpacked: String { "\(dataDirectory)/rootfs" }
    /// The writable layers, one directory a container id.
    public var layers: String { "\(dataDirectory)/containers/\(set)" }

    /// The bundle and the record of one container.
    public func container(_ id: ContainerID) -> String { "\(containers)/\(id.text)" }
    /// The writable layer of one container, with the mount point of its root file system.
    public func layer(_ id: ContainerID) -> String { "\(layers)/\(id.text)" }
    /// The directory of a container's logs, over all its incarnations.
    public func logs(_ name: String) -> String { "\(dataDirectory)/logs/\(set)/\(name)" }
    /// The log of one incarnation.
    public func log(_ id: ContainerID) -> String { "\(logs(id.name))/\(id.incarnation).log" }
    /// The control group of one container.
    public func cgroup(_ id: ContainerID) -> String { "\(cgroupParent)/\(set)/\(id.text)" }
    /// What the forwarder of ::1 is told.
    public var forwarderConfiguration: String { "\(forwarderDirectory)/forwards.json" }
    /// The directory of the above.
    public var forwarderDirectory: String { "\(runtimeDirectory)/\(set)/forwarder" }
    /// The directory of all that the servers of names are told.
    public var nameDirectory: String { "\(runtimeDirectory)/\(set)/dns" }
    /// What a server of names reads: one file a network.
    public func nameConfiguration(_ server: NameServer) -> String { "\(nameDirectory)/\(server.rawValue)" }
    /// What it was seen to have read.
    public func nameNote(_ server: NameServer) -> String { "\(nameDirectory)/\(server.rawValue).json" }
    /// The control group of the servers of names, which outlive us.
    public var nameCgroup: String { "\(cgroupParent)/\(set)/dns" }
    /// The control group of the forwarder, which outlives us. Container ids have a hyphen and an incarnation, so
    /// none of these four names can be one.
    public var forwarderCgroup: String { "\(cgroupParent)/\(set)/forwarder" }
    /// The control group of skopeo, umoci and the runtime's own commands.
    public var helperCgroup: String { "\(cgroupParent)/\(set)/helpers" }
    /// The control group of the conmon processes, which outlive us.
    public var conmonCgroup: String { "\(cgroupParent)/\(set)/conmon" }
}

/// The id of one incarnation of a container: `NAME-INCARNATION`.
public struct ContainerID: Hashable, Sendable, CustomStringConvertible {
    /// The container's name in the manifests.
    public let name: String
    /// Eight hexadecimal digits, new at every start.
    public let incarnation: String

    /// A new incarnation of a container.
    public init(new name: String) {
        self.name = name
        let digits = String(UInt32.random(in: 0 ... .max), radix: 16)
        incarnation = String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    /// From its text; `nil` where it has another form.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard let cut = bytes.lastIndex(of: UInt8(ascii: "-")), cut != bytes.startIndex, !text.hasPrefix(".") else {
            return nil
        }
        let digits = text[bytes.index(after: cut)...]
        guard digits.utf8.count == 8,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        name = String(text[..<cut])
        incarnation = String(digits)
    }

    /// `NAME-INCARNATION`.
    public var text: String { "\(name)-\(incarnation)" }
    /// The same.
    public var description: String { text }
}
