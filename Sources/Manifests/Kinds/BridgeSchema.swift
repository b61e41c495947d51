import Model

/// `bridge:` of a network.
enum BridgeSchema {
    static let options = ObjectSchema<BridgeOptions>(
        "bridge", initial: BridgeOptions(), example: "{ name: br-front }",
        [
            Field("name", \.name, .interfaceName, "The bridge's link. Default: br- and the network's name."),
            Field("icc", \.icc, .boolean, "Whether containers of the network reach each other's unpublished ports."),
            Field(
                "gatewayMode", \.gatewayMode, gatewayMode, synonyms: ["gateway_mode"],
                "How the network meets the outside, in both families or each; isolated only for internal networks."),
            Field(
                "trustedInterfaces", \.trustedInterfaces,
                .list(of: .interfaceName, "a list of interface names", hint: "write [wg0]"),
                synonyms: ["trustedHostInterfaces", "trusted_host_interfaces"],
                "Links of the host from which every port of a container can be reached, by its own address."),
            Field(
                "hostBinding", \.hostBinding, .address(), synonyms: ["hostBindingIPv4", "host_binding_ipv4"],
                "Where ports are published that name no address. Default: all addresses."),
            Field(
                "snat", \.snat, snat.schema, synonyms: ["hostIPv4", "host_ipv4", "host_ipv6"],
                "The addresses that containers are seen with outside. Default: that of the link on the way."),
        ])

    private static let gatewayMode = Schema<PerFamily<GatewayMode>>.either(
        scalar: Schema<GatewayMode>.choice.map { PerFamily($0) }.rendered { $0.common.map { .string($0.rawValue) } },
        map: modes.schema, "a mode, or a map of families with their modes")

    private static let modes = ObjectSchema<PerFamily<GatewayMode>>(
        "gatewayMode", initial: PerFamily(.nat), example: "{ ipv4: nat, ipv6: routed }",
        [
            Field("ipv4", \.ipv4, .choice, "The mode of IPv4."),
            Field("ipv6", \.ipv6, .choice, "The mode of IPv6."),
        ])

    private static let snat = ObjectSchema<PerFamily<IPAddress?>>(
        "snat", initial: PerFamily(nil), example: "{ ipv4: 192.0.2.7 }",
        [
            Field("ipv4", \.ipv4, .hostAddress(.ipv4), "An IPv4 address of the host."),
            Field("ipv6", \.ipv6, .hostAddress(.ipv6), "An IPv6 address of the host."),
        ])
}
