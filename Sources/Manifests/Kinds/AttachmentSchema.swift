import Model

enum AttachmentSchema {
    /// `networks:` of a container.
    static let list = Schema<[Attachment]>.list(
        of: .either(scalar: short, map: long.schema, "a network's name, or a map with its name"), "a list of networks",
        hint: "write [front] or [{ name: front, ipv4: 10.20.0.10 }]")

    private static let short = Schema<Attachment>(expected: name.expected, json: name.json()) { node, decoding in
        name.read(node, &decoding).map { Attachment(network: $0) }
    }
    .rendered { $0 == Attachment(network: $0.network) ? .string($0.network) : nil }

    /// A network's name, or `container:NAME` for the sandbox of another container.
    private static let name = Schema<String>.parsed(
        "a network's name or container:NAME",
        json: [
            "type": ["string", "number"], "pattern": "^(container:)?[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 73,
        ]
    ) { text throws(Misreading) in
        let label = Attachment(network: text).container ?? text
        if Names.isLabel(label) { return text }
        let near = Names.label(from: label).map { "; for example \($0)" } ?? ""
        throw Misreading(
            hint: "lower-case letters, digits and hyphens, at most 63, with a letter or digit at both ends\(near)",
            message: "\(quoted(label)) is not a DNS label")
    }.rendered { .string($0) }

    private static let long = ObjectSchema<Attachment>(
        "a network attachment", initial: Attachment(network: ""), example: "{ name: front }",
        [
            Field("name", \.network, name, required: true, synonyms: ["network"], "The network's name."),
            Field(
                "ipv4", \.ipv4, .hostAddress(.ipv4), synonyms: ["ip", "ipv4_address"], "The IPv4 address asked for."),
            Field(
                "ipv6", \.ipv6, .hostAddress(.ipv6), synonyms: ["ip6", "ipv6_address"], "The IPv6 address asked for."),
            Field("mac", \.mac, .mac, synonyms: ["macAddress", "mac_address"], "The MAC address asked for."),
            Field(
                "aliases", \.aliases, .list(of: .hostname, "a list of names", hint: "write [www]"),
                "Further names on this network."),
            Field(
                "interface", \.interface, .interfaceName, synonyms: ["interfaceName", "interface_name"],
                "The interface's name inside. Default: the lowest free ethN."),
            Field(
                "gatewayPriority", \.gatewayPriority, .integer(Int(Int32.min)...Int(Int32.max)),
                synonyms: ["gw_priority", "priority"],
                "The network with the highest has the default route; ties go to the network's name."),
        ])
}
