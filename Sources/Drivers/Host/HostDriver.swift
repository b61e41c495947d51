import Model

/// The predefined network `host`: containers share the host's network namespace, so there is nothing to make.
enum HostDriver: NetworkDriver {
    static let name = "host"
    static let usesHostNamespace = true
    static let hasAddresses = false

    static func networkObjects(_ network: ResolvedNetwork, _ context: DriverContext) -> [KernelObject] { [] }

    static func endpointObjects(
        _ endpoint: Endpoint, _ network: ResolvedNetwork, _ context: DriverContext
    ) -> [KernelObject] { [] }
}
