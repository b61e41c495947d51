import Model

extension BridgeDriver {
    /// As manifests write them: the gateway mode as one word for both families, or one for each.
    static func options(_ network: Network) -> [JSONValue.Member] {
        let bridge = network.bridge
        let modes = bridge.gatewayMode
        let mode: JSONValue =
            modes.common.map { .string($0.rawValue) }
            ?? ["ipv4": .string(modes.ipv4.rawValue), "ipv6": .string(modes.ipv6.rawValue)]
        var members: [JSONValue.Member] = [.init("icc", .bool(bridge.icc)), .init("gatewayMode", mode)]
        if !bridge.trustedInterfaces.isEmpty {
            members.append(.init("trustedInterfaces", .strings(bridge.trustedInterfaces)))
        }
        if let address = bridge.hostBinding { members.append(.init("hostBinding", .string(address.description))) }
        if bridge.snat != PerFamily(nil) {
            let (ipv4, ipv6) = (bridge.snat.ipv4?.description, bridge.snat.ipv6?.description)
            members.append(.init("snat", ["ipv4": .optional(ipv4), "ipv6": .optional(ipv6)]))
        }
        return members
    }
}
