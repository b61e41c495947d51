/// An element of one of our nftables sets and maps, and the name under which plans show it.
///
/// Published ports have names that people know (`port 8080/tcp`, `port 127.0.0.1:8080/tcp`, `port [::]:8080/tcp`;
/// `service port 9090/tcp` where they are a service's);
/// other elements are named by their set and key (`bridges br-front`).
public struct FirewallElement: Hashable, Sendable {
    /// The name of the set, always empty, that marks a table as ours.
    public static let mark = "reconcile"

    /// The set or map.
    public let set: String
    /// The key's parts, as nftables writes them.
    public let key: [String]

    /// An element by its set and key.
    public init(set: String, key: [String]) {
        self.set = set
        self.key = key
    }

    /// The element of a published port. `address` is `nil` for any address of the family.
    public init(port: UInt16, _ transport: TransportProtocol, family: IPAddress.Family, address: IPAddress?) {
        let tail = [transport.rawValue, String(port)]
        let base = family == .ipv4 ? "ports4" : "ports6"
        if let address {
            self.init(set: base + "_address", key: [address.description] + tail)
        } else {
            self.init(set: base, key: tail)
        }
    }

    /// The element of a service's port. `address` is `nil` for any address of the family.
    public init(
        servicePort port: UInt16, _ transport: TransportProtocol, family: IPAddress.Family, address: IPAddress?
    ) {
        self = FirewallElement(port: port, transport, family: family, address: address).asService
    }

    /// The same port as a service's.
    private var asService: FirewallElement {
        switch set {
        case "ports4": FirewallElement(set: "services", key: ["ipv4"] + key)
        case "ports6": FirewallElement(set: "services", key: ["ipv6"] + key)
        default: FirewallElement(set: set.replacingPrefix("ports", by: "services"), key: key)
        }
    }

    /// The same port as a container's; `nil` for what is no service's port.
    private var asPort: FirewallElement? {
        switch set {
        case "services": FirewallElement(set: key[0] == "ipv4" ? "ports4" : "ports6", key: Array(key.dropFirst()))
        case "services4_address", "services6_address":
            FirewallElement(set: set.replacingPrefix("services", by: "ports"), key: key)
        default: nil
        }
    }

    /// Address, protocol and port of a published port, a container's or a service's; `nil` for another element.
    public var published: (address: String?, family: IPAddress.Family, transport: TransportProtocol, port: UInt16)? {
        let element = asPort ?? self
        guard element.set.hasPrefix("ports"), element.key.count >= 2,
            let port = element.key.last.flatMap({ UInt16($0) }),
            let transport = TransportProtocol(rawValue: element.key[element.key.count - 2])
        else { return nil }
        return (
            element.key.count == 3 ? element.key[0] : nil, element.set.hasPrefix("ports6") ? .ipv6 : .ipv4, transport,
            port
        )
    }

    /// The address, port and protocol of a container that a routed network opens; `nil` for another element.
    public var opened: (address: IPAddress, port: UInt16, transport: TransportProtocol)? {
        guard set == "open4" || set == "open6", key.count == 3, let address = IPAddress(key[0]),
            let transport = TransportProtocol(rawValue: key[1]), let port = UInt16(key[2])
        else { return nil }
        return (address, port, transport)
    }

    /// What begins the names of services' ports.
    public static let servicePrefix = "service "

    /// Reads the name of an object of kind firewall; `nil` where that is no element.
    public init?(name: String) {
        if name.hasPrefix("service port ") {
            guard let port = FirewallElement(name: String(name.dropFirst(Self.servicePrefix.count))) else { return nil }
            self = port.asService
            return
        }
        // By bytes: a pass may read tens of thousands.
        let bytes = name.utf8
        guard let space = bytes.firstIndex(of: UInt8(ascii: " ")), !name.hasPrefix("chain ") else { return nil }
        let rest = name[bytes.index(after: space)...]
        guard name.hasPrefix("port ") else {
            let key = rest.split(separator: " ").filter { $0 != "." }.map(String.init)
            guard !key.isEmpty, space != bytes.startIndex else { return nil }
            self.init(set: String(name[..<space]), key: key)
            return
        }
        guard let slash = rest.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let transport = String(rest[bytes.index(after: slash)...])
        let host = rest[..<slash]
        guard let colon = host.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            self.init(set: "ports4", key: [transport, String(host)])
            return
        }
        let port = String(host[bytes.index(after: colon)...])
        let text = host[..<colon]
        let isIPv6 = text.hasPrefix("[")
        let address = isIPv6 ? String(text.dropFirst().dropLast()) : String(text)
        if address == "::" {
            self.init(set: "ports6", key: [transport, port])
        } else {
            self.init(set: isIPv6 ? "ports6_address" : "ports4_address", key: [address, transport, port])
        }
    }

    /// The object's name.
    public var name: String {
        switch set {
        case "ports4": "port \(key[1])/\(key[0])"
        case "ports6": "port [::]:\(key[1])/\(key[0])"
        case "ports4_address": "port \(key[0]):\(key[2])/\(key[1])"
        case "ports6_address": "port [\(key[0])]:\(key[2])/\(key[1])"
        default: asPort.map { Self.servicePrefix + $0.name } ?? "\(set) \(key.joined(separator: " . "))"
        }
    }

    /// The object's id.
    public var id: ObjectID { ObjectID(.firewall, name) }
}

extension String {
    /// The text with another beginning, which it is known to have.
    fileprivate func replacingPrefix(_ prefix: String, by other: String) -> String {
        other + dropFirst(prefix.count)
    }
}
