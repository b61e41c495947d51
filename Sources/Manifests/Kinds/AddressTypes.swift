import Model

extension Schema where Value == IPAddress {
    /// An address of either family, or of one.
    static func address(_ family: IPAddress.Family? = nil) -> Schema {
        let (expected, format) =
            switch family {
            case .ipv4: ("an IPv4 address such as 10.20.0.10", "ipv4")
            case .ipv6: ("an IPv6 address such as fd00:20::10", "ipv6")
            case nil: ("an IPv4 or IPv6 address", "")
            }
        let json: JSONValue = format.isEmpty ? ["type": "string"] : ["type": "string", "format": .string(format)]
        return parsed(expected, json: json) { text throws(Misreading) in
            guard let address = IPAddress(text) else {
                let slash = text.firstIndex(of: "/").map { "without the prefix length: \(text[..<$0])" }
                throw Misreading(hint: slash)
            }
            guard family == nil || address.family == family else { throw Misreading() }
            return address
        }
    }

    /// An address that one host can have.
    static func hostAddress(_ family: IPAddress.Family? = nil) -> Schema {
        let any = address(family)
        return Schema(expected: any.expected, json: any.json(), render: any.render) { node, decoding in
            guard let address = any.read(node, &decoding) else { return nil }
            guard !address.isMulticast, !address.isUnspecified, !address.isLoopback else {
                let kind = address.isMulticast ? "a multicast" : address.isLoopback ? "a loopback" : "the unspecified"
                decoding.report(
                    "invalid-value", "\(decoding.subject): \(address) is \(kind) address, which no host has", at: node)
                return nil
            }
            return address
        }
    }
}

extension Schema where Value == IPPrefix {
    /// An address range in CIDR notation, host bits zero.
    static let prefix = parsed(
        "an address range such as 10.20.0.0/24 or fd00:20::/64",
        json: ["type": "string", "pattern": "^[0-9a-fA-F.:]+/[0-9]{1,3}$"]
    ) { text throws(Misreading) in
        guard let prefix = IPPrefix(text) else {
            throw Misreading(
                hint: IPAddress(text).map { "a prefix length is missing: \($0)/\($0.family == .ipv4 ? 24 : 64)" })
        }
        guard prefix.isNetwork else {
            throw Misreading(hint: "did you mean \(prefix.network)?", message: "\(prefix) has host bits set")
        }
        return prefix
    }
}

extension Schema where Value == MACAddress {
    /// A MAC address that one interface can have.
    static let mac = parsed(
        "a MAC address such as 02:42:0a:14:00:0a",
        json: ["type": "string", "pattern": "^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$"]
    ) { text throws(Misreading) in
        guard let address = MACAddress(text) else { throw Misreading() }
        guard !address.isMulticast, address.bits != 0 else {
            throw Misreading(
                hint: "a locally administered address begins with 02",
                message:
                    "\(address) is \(address.bits == 0 ? "no address" : "a group address, which no interface can have")"
            )
        }
        return address
    }
}
