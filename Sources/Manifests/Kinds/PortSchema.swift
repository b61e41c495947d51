import Model

enum PortSchema {
    /// `ports:` of a container, ranges spread out. Positions are those of the spread mappings: `ports[3]` is the fourth
    /// published port, whichever item of the manifest it comes from.
    static let list = Schema<[PortMapping]>(
        expected: "a list of ports", json: ["type": "array", "items": item.json()]
    ) { node, decoding in
        guard let items = ranges.read(node, &decoding) else { return nil }
        let spread = items.map(\.spread)
        if spread.contains(where: { $0.count != 1 }) { decoding.spreadPositions(of: spread.map(\.count)) }
        return spread.flatMap { $0 }
    }.rendered { $0.isEmpty ? [] : nil }

    private static let ranges = Schema<[PortRange]>.list(of: item, "a list of ports", hint: "write [\"8080:80\"]")

    private static let item = Schema<PortRange>.either(
        scalar: short, map: long, "a text such as \"8080:80\", or a map such as { host: 8080, container: 80 }")

    static let short = Schema<PortRange>.parsed(
        "[address:][host[-range]]:container[-range][/tcp|udp|sctp], such as \"8080:80\"",
        json: [
            "type": ["string", "integer"],
            "pattern": "^((\\[[0-9a-fA-F:.]+\\]|[0-9.]+):)?(([0-9]+(-[0-9]+)?)?:)?[0-9]+(-[0-9]+)?(/(tcp|udp|sctp))?$",
            "minimum": 1, "maximum": 65535,
        ]
    ) { text throws(Misreading) in try PortRange(text) }

    private static let long = Schema<PortRange>(expected: object.name, json: object.json()) { node, decoding in
        var range = object.initial
        guard object.read(node, into: &range, &decoding), settle(&range, node, &decoding) else { return nil }
        return range
    }

    /// Checks that ranges fit each other, and says so where they do not.
    static func settle(_ range: inout PortRange, _ node: NodeIndex, _ decoding: inout Decoding) -> Bool {
        do throws(Misreading) {
            try range.settle()
            return true
        } catch {
            decoding.report(
                "invalid-value", "\(decoding.fieldPath): \(error.message ?? "")", hint: error.hint, at: node)
            return false
        }
    }

    static let object = ObjectSchema<PortRange>(
        "a port", initial: PortRange(container: 0...0), example: "{ host: 8080, container: 80 }",
        fields(\.host, \.container, \.transport, \.address))

    /// The fields of a port, as a part of something.
    static func fields<Object: Sendable>(
        _ host: any WritableKeyPath<Object, ClosedRange<UInt16>?> & Sendable,
        _ container: any WritableKeyPath<Object, ClosedRange<UInt16>> & Sendable,
        _ transport: any WritableKeyPath<Object, TransportProtocol> & Sendable,
        _ address: any WritableKeyPath<Object, IPAddress?> & Sendable
    ) -> [Field<Object>] {
        [
            Field(
                "host", host, numbers, synonyms: ["hostPort", "published"],
                "The host's port or range. Default: an ephemeral port."),
            Field(
                "container", container, containerNumbers, required: true, synonyms: ["containerPort", "target"],
                "The container's port or range."),
            Field("protocol", transport, .choice, "The transport protocol."),
            Field(
                "address", address, PortRange.address, synonyms: ["hostIP", "host_ip"],
                "The host's address. Default: all addresses."),
        ]
    }

    private static let expectation = "a port from 1 to 65535 or a range such as 8000-8010"
    private static let json: JSONValue = [
        "type": ["integer", "string"], "minimum": 1, "maximum": 65535, "pattern": "^[0-9]+(-[0-9]+)?$",
    ]

    private static let numbers = Schema<ClosedRange<UInt16>>.parsed(expectation, json: json) {
        text throws(Misreading) in try PortRange.numbers(text[...])
    }

    private static let containerNumbers = Schema<ClosedRange<UInt16>>.parsed(expectation, json: json) {
        text throws(Misreading) in try PortRange.containerNumbers(text[...])
    }
}

extension Decoding {
    /// Gives each of several mappings that one item became that item's position.
    mutating func spreadPositions(of counts: [Int]) {
        let path = fieldPath
        let items = counts.indices.map { positions.removeValue(forKey: "\(path)[\($0)]") }
        var next = 0
        for (item, count) in counts.enumerated() {
            for _ in 0..<count {
                positions["\(path)[\(next)]"] = items[item]
                next += 1
            }
        }
    }
}
