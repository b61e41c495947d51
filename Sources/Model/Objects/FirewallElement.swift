/// An element of one of our nftables sets and maps, and the name under which plans show it.
///
/// Published ports have names that people know (`port 8080/tcp`, `port 127.0.0.1:8080/tcp`, `port [::]:8080/tcp`);
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

    /// Reads the name of an object of kind firewall; `nil` where that is no element.
    public init?(name: String) {
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
        default: "\(set) \(key.joined(separator: " . "))"
        }
    }

    /// The object's id.
    public var id: ObjectID { ObjectID(.firewall, name) }
}
