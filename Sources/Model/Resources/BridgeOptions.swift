/// How a bridge network meets the outside, in Docker's words.
public enum GatewayMode: String, Hashable, Sendable, CaseIterable {
    /// Masquerades on the way out; only published ports on the way in.
    case nat
    /// As nat, but every port can be reached by who routes to the container.
    case natUnprotected = "nat-unprotected"
    /// No translation; published ports are open on the container's own address.
    case routed
    /// The bridge has no address: not even the host is reachable. Only for internal networks.
    case isolated
}

/// A value for each address family.
public struct PerFamily<Value: Hashable & Sendable>: Hashable, Sendable {
    /// For IPv4.
    public var ipv4: Value
    /// For IPv6.
    public var ipv6: Value

    /// One value a family.
    public init(ipv4: Value, ipv6: Value) {
        self.ipv4 = ipv4
        self.ipv6 = ipv6
    }

    /// The same value for both.
    public init(_ value: Value) { self.init(ipv4: value, ipv6: value) }

    /// That of a family.
    public subscript(family: IPAddress.Family) -> Value {
        get { family == .ipv4 ? ipv4 : ipv6 }
        set { if family == .ipv4 { ipv4 = newValue } else { ipv6 = newValue } }
    }

    /// The one value, where it is the same for both.
    public var common: Value? { ipv4 == ipv6 ? ipv4 : nil }
}

/// Options of the driver `bridge`.
public struct BridgeOptions: Hashable, Sendable {
    /// The link's name; `nil`: `br-` and the network's name, shortened to the kernel's 15 bytes.
    public var name: String?
    /// Whether containers of the network reach each other's unpublished ports.
    public var icc: Bool
    /// How the network meets the outside.
    public var gatewayMode: PerFamily<GatewayMode>
    /// Links of the host from which every port of the network's containers can be reached, by their own addresses.
    public var trustedInterfaces: [String]
    /// Where ports that name no address are published; `nil`: on all addresses.
    public var hostBinding: IPAddress?
    /// The addresses that containers are seen with outside; `nil`: that of the link on which their packets leave.
    public var snat: PerFamily<IPAddress?>

    /// Docker's defaults.
    public init(
        name: String? = nil, icc: Bool = true, gatewayMode: PerFamily<GatewayMode> = PerFamily(.nat),
        trustedInterfaces: [String] = [], hostBinding: IPAddress? = nil,
        snat: PerFamily<IPAddress?> = PerFamily(nil)
    ) {
        self.name = name
        self.icc = icc
        self.gatewayMode = gatewayMode
        self.trustedInterfaces = trustedInterfaces
        self.hostBinding = hostBinding
        self.snat = snat
    }
}
