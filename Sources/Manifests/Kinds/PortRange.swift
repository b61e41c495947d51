import Model

/// One item of `ports:`, before its ranges are spread out.
struct PortRange: Hashable, Sendable {
    var address: IPAddress?
    var host: ClosedRange<UInt16>?
    var container: ClosedRange<UInt16>
    var transport = TransportProtocol.tcp

    /// An address that a port can be bound to.
    static let address = Schema<IPAddress>.address()

    init(container: ClosedRange<UInt16>) { self.container = container }

    /// Reads `[address:][host[-range]]:container[-range][/protocol]`; an IPv6 address stands in brackets.
    init(_ text: String) throws(Misreading) {
        var rest = text[...]
        if let slash = rest.utf8.lastIndex(of: UInt8(ascii: "/")) {
            let name = rest[rest.utf8.index(after: slash)...]
            guard let transport = TransportProtocol(rawValue: String(name)) else {
                let near = NearestName.hint(for: String(name), among: TransportProtocol.allCases.map(\.rawValue))
                throw Misreading(hint: near, message: "no protocol \(quoted(String(name))); it is tcp, udp or sctp")
            }
            self.transport = transport
            rest = rest[..<slash]
        }
        if rest.utf8.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: "]"), rest[end...].hasPrefix("]:") else {
                throw Misreading(message: "an IPv6 address ends with ]: before the host's port")
            }
            address = try Self.readAddress(rest[rest.index(after: rest.startIndex)..<end], family: .ipv6)
            rest = rest[rest.index(end, offsetBy: 2)...]
        }
        var parts = rest.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
            Substring($0)
        }
        if parts.count == 3, address == nil {
            address = try Self.readAddress(parts[0], family: .ipv4)
            parts.removeFirst()
        } else if address != nil, parts.count != 2 {
            throw Misreading(hint: "an address is followed by host:container, or by :container for an ephemeral port")
        }
        guard parts.count <= 2 else {
            let hint = text.contains("[") ? nil : "an IPv6 address stands in brackets: \"[::1]:8080:80\""
            throw Misreading(hint: hint)
        }
        container = try Self.containerNumbers(parts[parts.count - 1])
        if parts.count == 2, !parts[0].isEmpty { host = try Self.numbers(parts[0]) }
        try settle()
    }

    /// Ranges must fit each other.
    mutating func settle() throws(Misreading) {
        guard address?.isMulticast != true else { throw Misreading(message: "a multicast address cannot hold a port") }
        guard container.count > 1, let host, host.count != container.count else { return }
        throw Misreading(
            hint: "a range of host ports goes with one container port, or with a range of the same length",
            message: "\(host.count) host ports for \(container.count) container ports")
    }

    /// The single ports. A range of host ports for one container port stays a range, of which one is taken.
    var spread: [PortMapping] {
        if container.count == 1 {
            return [PortMapping(address: address, host: host, container: container.lowerBound, transport: transport)]
        }
        return container.map { port in
            let number = host.map { $0.lowerBound + (port - container.lowerBound) }
            return PortMapping(address: address, host: number.map { $0...$0 }, container: port, transport: transport)
        }
    }

    /// Ports of the container, which nobody chooses for it.
    static func containerNumbers(_ text: Substring) throws(Misreading) -> ClosedRange<UInt16> {
        do throws(Misreading) { return try numbers(text) } catch {
            guard Digits.integer(text) == 0 else { throw error }
            throw Misreading(
                hint: "name the port that the container listens on, such as 80 in \"8080:80\"",
                message: "0 is no port of a container; ports go from 1 to 65535")
        }
    }

    /// `80` or `8000-8010`.
    static func numbers(_ text: Substring) throws(Misreading) -> ClosedRange<UInt16> {
        let ends = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map { Substring($0) }
        guard ends.count <= 2, !text.isEmpty else { throw Misreading() }
        var bounds: [UInt16] = []
        for end in ends {
            guard let number = Digits.integer(end) else { throw Misreading() }
            guard let port = UInt16(exactly: number), port > 0 else {
                let hint = number == 0 ? "leave the host's port out for an ephemeral one" : nil
                throw Misreading(hint: hint, message: "\(end) is no port; ports go from 1 to 65535")
            }
            bounds.append(port)
        }
        guard bounds[0] <= bounds[bounds.count - 1] else {
            throw Misreading(
                hint: "did you mean \(ends[1])-\(ends[0])?", message: "the range \(text) ends before it begins")
        }
        return bounds[0]...bounds[bounds.count - 1]
    }

    private static func readAddress(_ text: Substring, family: IPAddress.Family) throws(Misreading) -> IPAddress {
        guard let address = IPAddress(String(text)), address.family == family else {
            throw Misreading(message: "\(quoted(String(text))) is no \(family == .ipv4 ? "IPv4" : "IPv6") address")
        }
        return address
    }
}
