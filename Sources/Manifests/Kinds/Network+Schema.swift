import Model

/// The drivers of this version, and the words for those to come.
enum DriverSchema {
    static let supported = ["bridge", "overlay", "macvlan", "ipvlan"]
    static let later = ["cni", "plugin"]

    static let name = Schema<String>.parsed(
        "the name of a driver", json: ["enum": .strings(supported)]
    ) { text throws(Misreading) in
        if supported.contains(text) { return text }
        let has = "this version has \(supported.joined(separator: ", "))"
        if later.contains(text) {
            throw Misreading(
                hint: has, message: "\(quoted(text)) is not supported by this version", code: "not-supported")
        }
        if text == "host" || text == "none" {
            throw Misreading(
                hint: "name the network \(text) in a container: it needs no manifest",
                message: "\(quoted(text)) is that of the predefined network \(text) alone")
        }
        throw Misreading(
            hint: NearestName.hint(for: text, among: supported + later) ?? has,
            message: "there is no driver \(quoted(text))")
    }.rendered { .string($0) }
}

enum NetworkSchema {
    /// `spec` of `kind: Network`.
    static let spec = ObjectSchema<Network>(
        "Network spec", initial: Network(metadata: Metadata(name: "")),
        [
            Field("driver", \.driver, DriverSchema.name, "Who makes the network."),
            Field(
                "subnets", \.subnets,
                .list(of: subnet.schema, "a list of subnets", hint: "write [{ subnet: 10.20.0.0/24 }]"),
                synonyms: ["subnet", "ipam"],
                "At most one subnet a family. Default: a free one of the host's address pools, 172.17.0.0/16 and the like; for the driver overlay a /24 of 10.0.0.0/8."
            ),
            Field(
                "ipv4", \.ipv4, .boolean, synonyms: ["enableIPv4", "enable_ipv4"],
                "False: a network of IPv6 alone, whose subnet may be chosen."),
            Field(
                "ipv6", \.ipv6, .boolean, synonyms: ["enableIPv6", "enable_ipv6"],
                "Asks for IPv6; without an IPv6 subnet a unique local /64 is chosen."),
            Field("internal", \.internal, .boolean, "No way out of the network."),
            Field(
                "mtu", \.mtu, .integer(68...65535, unit: " (bytes)"),
                "Default: that of the parent, or of the default route's link; for the driver overlay less the tunnel's overhead."
            ),
            Field("bridge", \.bridge, BridgeSchema.options.schema, "Options of the driver bridge."),
            Field("overlay", \.overlay, OverlaySchema.options.schema, "Options of the driver overlay."),
            Field("macvlan", \.macvlan, macvlan.schema, "Options of the driver macvlan."),
            Field("ipvlan", \.ipvlan, ipvlan.schema, "Options of the driver ipvlan."),
            Field("nodeSelector", \.nodeSelector, Labels.schema, "Only on nodes whose labels match."),
            .unsupported("cni", "the driver cni comes with a later version"),
            .unsupported("plugin", "the driver plugin comes with a later version"),
        ])

    private static let subnet = ObjectSchema<Subnet>(
        "a subnet", initial: Subnet(prefix: IPPrefix(IPAddress(v4: 0), length: 0)), example: "{ subnet: 10.20.0.0/24 }",
        [
            Field(
                "subnet", \.prefix, .prefix, required: true, synonyms: ["prefix", "cidr"],
                "The subnet, such as 10.20.0.0/24."),
            Field(
                "gateway", \.gateway, .hostAddress(),
                "The gateway's address. Default: the first address; with macvlan and ipvlan none."),
            Field(
                "range", \.range, .prefix, synonyms: ["ipRange", "ip_range"],
                "Only from here are addresses given out. Default: the whole subnet."),
            Field(
                "reserved", \.reserved, .list(of: .address(), "a list of addresses", hint: "write [10.20.0.200]"),
                "Addresses that are never given out."),
        ])

    private static let parent =
        "The link of the host that containers join, such as eth0, or eth0.10 for a VLAN. Default: none; they reach each other alone."

    private static let macvlan = ObjectSchema<MacvlanOptions>(
        "macvlan", initial: MacvlanOptions(), example: "{ parent: eth0 }",
        [
            Field("parent", \.parent, .interfaceName, synonyms: ["master", "link"], parent),
            Field("mode", \.mode, .choice, synonyms: ["macvlan_mode"], "Who of the containers reaches whom."),
        ])

    private static let ipvlan = ObjectSchema<IpvlanOptions>(
        "ipvlan", initial: IpvlanOptions(), example: "{ parent: eth0 }",
        [
            Field("parent", \.parent, .interfaceName, synonyms: ["master", "link"], parent),
            Field("mode", \.mode, .choice, synonyms: ["ipvlan_mode"], "How packets are handed on."),
        ])
}

/// Labels, annotations and node selectors: free text under free names.
enum Labels {
    static let schema = Schema<[String: String]>.dictionary(
        of: .text, "a map of texts", key: .text("a name") { !$0.isEmpty }, hint: "write { name: value }")
}
