import Model

enum AttachmentSchema {
    /// `networks:` of a container.
    static let list = Schema<[Attachment]>.list(
        of: .either(scalar: short, map: long.schema, "a network's name, or a map with its name"), "a list of networks",
        hint: "write [front] or [{ name: front, ipv4: 10.20.0.10 }]")

    private static let short = Schema<Attachment>(
        expected: Schema<String>.label.expected, json: Schema<String>.label.json()
    ) { node, decoding in Schema<String>.label.read(node, &decoding).map { Attachment(network: $0) } }
    .rendered { $0 == Attachment(network: $0.network) ? .string($0.network) : nil }

    private static let long = ObjectSchema<Attachment>(
        "a network attachment", initial: Attachment(network: ""), example: "{ name: front }",
        [
            Field("name", \.network, .label, required: true, synonyms: ["network"], "The network's name."),
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
