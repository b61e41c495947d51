import Model

/// Where a member of etcd answers clients: a host and a port.
public struct EtcdEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// The port that IANA assigns to etcd's clients.
    public static let defaultPort = 2379

    /// A name, or an address without brackets.
    public let host: String
    /// The TCP port.
    public let port: Int

    /// An endpoint by its parts.
    public init(host: String, port: Int = defaultPort) {
        self.host = host
        self.port = port
    }

    /// Reads `10.0.0.1`, `10.0.0.1:2379`, `[fd00::1]:2379`, `fd00::1` or `etcd.example.org:2379`, each also behind
    /// `https://`. `nil` for anything else: plain `http://` is never spoken.
    public init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("https://") { rest = rest.dropFirst(8) }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        if let address = IPAddress(String(rest)) {
            self.init(host: address.description)
            return
        }
        var port = Self.defaultPort
        if let colon = rest.lastIndex(of: ":"), rest.last != "]" {
            guard let number = Int(rest[rest.index(after: colon)...]), (1...65535).contains(number) else { return nil }
            port = number
            rest = rest[..<colon]
        }
        if rest.hasPrefix("["), rest.hasSuffix("]") {
            guard let address = IPAddress(String(rest.dropFirst().dropLast())), address.family == .ipv6 else {
                return nil
            }
            self.init(host: address.description, port: port)
            return
        }
        let isName =
            !rest.isEmpty && rest.utf8.count <= 253
            && rest.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
                    || $0 == 0x2e
            }
        guard isName else { return nil }
        self.init(host: String(rest), port: port)
    }

    /// The host where it is an address.
    public var address: IPAddress? { IPAddress(host) }

    /// `host:port`, with brackets around an IPv6 address.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
