/// All that a set of manifests describes, after validation.
public struct ResourceSet: Hashable, Sendable {
    /// In the order of their names.
    public var networks: [Network]
    /// In the order of their names.
    public var containers: [Container]
    /// In the order of their names.
    public var services: [Service]

    /// Sorts by name, so that whatever is derived is the same whichever file said it.
    public init(networks: [Network] = [], containers: [Container] = [], services: [Service] = []) {
        self.networks = networks.sorted { $0.metadata.name < $1.metadata.name }
        self.containers = containers.sorted { $0.metadata.name < $1.metadata.name }
        self.services = services.sorted { $0.metadata.name < $1.metadata.name }
    }

    /// Every resource's id.
    public var ids: [ResourceID] { networks.map(\.id) + containers.map(\.id) + services.map(\.id) }
}
