/// The chain of our nftables table that chooses a replica for a service's port: `service/pinger/80/tcp`, and with `/host`
/// at the end for the replicas of the node alone.
public struct BalanceChain: Hashable, Sendable {
    /// The service.
    public let service: String
    /// The containers' port.
    public let port: UInt16
    /// tcp, udp or sctp.
    public let transport: TransportProtocol
    /// Which replicas it leads to.
    public let mode: ServicePort.Mode

    /// A chain.
    public init(service: String, port: UInt16, _ transport: TransportProtocol, mode: ServicePort.Mode) {
        self.service = service
        self.port = port
        self.transport = transport
        self.mode = mode
    }

    /// Reads a chain's name; `nil` where it is another chain's.
    public init?(_ name: String) {
        guard name.hasPrefix("service/") else { return nil }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 4, let port = UInt16(parts[2]),
            let transport = TransportProtocol(rawValue: String(parts[3]))
        else { return nil }
        let mode = parts.count == 4 ? .ingress : parts.count == 5 ? ServicePort.Mode(rawValue: String(parts[4])) : nil
        guard let mode else { return nil }
        self.init(service: String(parts[1]), port: port, transport, mode: mode)
    }

    /// The chain's name.
    public var name: String {
        "service/\(service)/\(port)/\(transport.rawValue)" + (mode == .ingress ? "" : "/\(mode.rawValue)")
    }

    /// The rule that spreads new connections over addresses of one family, one after the other. Connections that there
    /// are keep their replica: the kernel asks for a translation only once.
    public func rule(to addresses: [IPAddress]) -> String? {
        guard let family = addresses.first?.family else { return nil }
        let targets = addresses.enumerated().map { "\($0) : \($1) . \(port)" }.joined(separator: ", ")
        return "meta l4proto \(transport.rawValue) dnat \(family == .ipv4 ? "ip" : "ip6") to "
            + "numgen inc mod \(addresses.count) map { \(targets) }"
    }

    /// The addresses in such a rule.
    public static func addresses(in rule: String) -> [IPAddress] {
        let words = rule.split(separator: " ")
        return words.indices.dropLast(2).compactMap { index in
            words[index] == ":" && words[index + 2] == "." ? IPAddress(String(words[index + 1])) : nil
        }
    }
}
