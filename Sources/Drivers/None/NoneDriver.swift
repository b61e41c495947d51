import Model

/// The predefined network `none`: a sandbox with nothing in it but `lo`.
enum NoneDriver: NetworkDriver {
    static let name = "none"
    static let hasAddresses = false

    static func networkObjects(_ network: ResolvedNetwork, _ context: DriverContext) -> [KernelObject] { [] }

    static func endpointObjects(
        _ endpoint: Endpoint, _ network: ResolvedNetwork, _ context: DriverContext
    ) -> [KernelObject] { [] }
}
