import Model

/// A word about ports that are published at an address which the host lacks: for Docker an error when the container is
/// started, here rules that take effect as soon as the host has it.
struct MissingHostAddress {
    /// The host's addresses; `nil` where nobody looked.
    private let addresses: Set<IPAddress>?
    /// Those that its bridges will have.
    private let gateways: Set<IPAddress>

    /// As many addresses are told.
    private static let limit = 8

    init(_ facts: HostFacts, _ networks: [String: ResolvedNetwork]) {
        addresses = facts.addresses
        gateways = Set(networks.values.lazy.flatMap { $0.pools.compactMap(\.gateway) })
    }

    /// Whether an address is none of the host's. All of 127.0.0.0/8 is.
    func isMissing(_ address: IPAddress) -> Bool {
        guard let addresses, !address.isUnspecified, !address.isLoopback else { return false }
        return !addresses.contains(address) && !gateways.contains(address)
    }

    /// Words about networks that publish at such an address.
    func bindings(_ networks: [ResolvedNetwork]) -> [Diagnostic] {
        networks.compactMap { resolved in
            let network = resolved.network
            guard let address = network.bridge.hostBinding, isMissing(address) else { return nil }
            return diagnostic(
                address, "what its containers publish", of: network.id,
                at: network.metadata.position(of: "bridge.hostBinding"))
        }
    }

    /// The word. `what` is who asks for the address.
    func diagnostic(
        _ address: IPAddress, _ what: String, of resource: ResourceID, at position: SourcePosition?
    ) -> Diagnostic {
        let shown = (addresses ?? []).filter { $0.family == .ipv4 || !$0.isLinkLocal }.sorted()
        let more = shown.count > Self.limit ? ", …" : ""
        return Diagnostic(
            .warning, code: "address-missing",
            "the host has no address \(address): \(what) cannot be reached there until it has",
            hint: "its addresses are \(shown.prefix(Self.limit).map(\.description).joined(separator: ", "))\(more)",
            resource: resource, position: position)
    }
}
