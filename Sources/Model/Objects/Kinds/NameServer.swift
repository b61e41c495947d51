extension ObjectKind {
    /// A process that answers containers' questions for names: aardvark-dns.
    public static let nameServer = ObjectKind(
        "nameserver", rank: 76, drifting: [.state, .configuration, .listening], isAuxiliary: true)

    /// A network whose names are served, and the host's addresses on it at which they are. It ends with the process.
    public static let dns = ObjectKind(
        "dns", rank: 77, diesWithParent: true, drifting: [.listening], shown: [.target], isAuxiliary: true)

    /// A container's name and aliases on one network.
    public static let name = ObjectKind(
        "name", rank: 78, isClosed: true, diesWithParent: true, shown: [.target, .aliases], isAuxiliary: true)
}

extension FieldName {
    /// The host's own name servers, as they were when the process read them last.
    public static let upstream: FieldName = "upstream"
    /// The names of a container beside its own, sorted.
    public static let aliases: FieldName = "aliases"
    /// Whom a container's questions go to that are for no name of ours; where this is missing, to the host's servers.
    public static let servers: FieldName = "servers"
}

/// The two processes that a set may have.
public enum NameServer: String, CaseIterable, Sendable {
    /// Answers for the names of containers, and hands on what is for others.
    case names
    /// Knows no name, and says so at once: where the questions of containers without a way out are handed on to.
    case nowhere

    /// The object's id.
    public var id: ObjectID { ObjectID(.nameServer, rawValue) }

    /// The server that an object of this kind stands for.
    public init?(_ id: ObjectID) {
        guard id.kind == .nameServer else { return nil }
        self.init(rawValue: id.name)
    }

    /// Where ``nowhere`` of a set listens: an address of the host's loopback, another for each set.
    public static func nowhereAddress(_ set: String) -> IPAddress {
        // 127.82.0.1 to 127.82.255.254; 82 is the mark of our addresses and routes, too.
        IPAddress(v4: 0x7f52_0000 | UInt32(1 + StableHash.of(set) % 0xfffe))
    }

    /// Whether an address is that of some set's ``nowhere``.
    public static func isNowhere(_ address: IPAddress) -> Bool {
        address.family == .ipv4 && UInt32(truncatingIfNeeded: address.bits) >> 16 == 0x7f52
    }
}

extension ObjectID {
    /// A network whose names are served.
    public static func dns(_ network: String) -> ObjectID { ObjectID(.dns, network) }

    /// The names of a container on a network.
    public static func name(_ container: String, on network: String) -> ObjectID {
        ObjectID(.name, container, on: network)
    }
}
