/// A port of ::1 that the forwarder serves: the kernel has nothing like `route_localnet` for IPv6, so it cannot translate
/// what is sent to ::1.
public struct Forward: Hashable, Sendable {
    /// What tells it from others: two forwards never share one.
    public struct Key: Hashable, Comparable, Sendable {
        /// tcp or udp.
        public let transport: TransportProtocol
        /// The port on ::1.
        public let port: UInt16

        /// A key.
        public init(_ port: UInt16, _ transport: TransportProtocol) {
            self.port = port
            self.transport = transport
        }

        /// By port, then protocol.
        public static func < (left: Key, right: Key) -> Bool {
            left.port == right.port ? left.transport < right.transport : left.port < right.port
        }
    }

    /// Protocol and port on ::1.
    public let key: Key
    /// The container's address, of either family.
    public var address: IPAddress
    /// The container's port.
    public var port: UInt16
    /// Whose port it is.
    public var owner: ResourceID

    /// A forward.
    public init(_ key: Key, to address: IPAddress, port: UInt16, owner: ResourceID) {
        self.key = key
        self.address = address
        self.port = port
        self.owner = owner
    }

    /// Where it leads, as firewall elements have it: `10.20.0.10:80`, `[fd00:20::a]:80`.
    public var target: String { address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }

    /// The object's id.
    public var id: ObjectID { .forward(key.port, key.transport) }

    /// The forward that an object of this kind stands for; `nil` where it is another.
    public init?(_ object: KernelObject) {
        guard object.id.kind == .forward, let key = Self.key(object.id.name), let owner = object.owner,
            let target = object.string(.target), let (address, port) = Self.endpoint(target)
        else { return nil }
        self.init(key, to: address, port: port, owner: owner)
    }

    /// The key in an object's name.
    public static func key(_ name: String) -> Key? {
        guard name.hasPrefix("[::1]:"), let slash = name.lastIndex(of: "/"),
            let transport = TransportProtocol(rawValue: String(name[name.index(after: slash)...])),
            let port = UInt16(name[name.index(name.startIndex, offsetBy: 6)..<slash])
        else { return nil }
        return Key(port, transport)
    }

    /// Address and port of a target.
    static func endpoint(_ text: String) -> (IPAddress, UInt16)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        let isIPv6 = host.hasPrefix("[") && host.hasSuffix("]")
        guard let address = IPAddress(isIPv6 ? String(host.dropFirst().dropLast()) : String(host)),
            (address.family == .ipv6) == isIPv6
        else { return nil }
        return (address, port)
    }
}
