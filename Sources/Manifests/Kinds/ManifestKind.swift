import Model

/// A kind of manifest: the registry that decoding and the JSON Schema go by.
struct ManifestKind: Sendable {
    /// As `kind:` has it.
    let name: String
    /// As resources are named.
    let id: ResourceID.Kind
    /// False where a document without `spec` means something.
    let needsSpec: Bool
    /// The JSON Schema of `spec`.
    let specification: @Sendable () -> JSONValue
    /// Reads `spec` and keeps what it describes if nothing is wrong with it.
    let read: @Sendable (NodeIndex?, Metadata, inout Decoding, inout ManifestContent) -> Void

    /// The kinds of this version.
    static let all = [network, container]
    /// The kinds of versions to come.
    static let later = ["Service"]

    private static let network = ManifestKind(
        name: "Network", id: .network, needsSpec: false, specification: { NetworkSchema.spec.json() }
    ) { spec, metadata, decoding, content in
        var network = NetworkSchema.spec.initial
        if let spec, !NetworkSchema.spec.read(spec, into: &network, &decoding) { return }
        network.metadata = metadata
        network.metadata.fieldPositions = decoding.positions
        content.networks.append(network)
        if !decoding.accepts(NetworkRules.check(network)) { content.unsound.insert(network.id) }
    }

    private static let container = ManifestKind(
        name: "Container", id: .container, needsSpec: true, specification: { ContainerSchema.json() }
    ) { spec, metadata, decoding, content in
        var container = ContainerSchema.spec.initial
        guard let spec, ContainerSchema.spec.read(spec, into: &container, &decoding) else { return }
        container.metadata = metadata
        container.metadata.fieldPositions = decoding.positions
        content.containers.append(container)
        if !decoding.accepts(ContainerRules.check(container)) { content.unsound.insert(container.id) }
    }
}

/// What the documents of a file describe, as far as they can be read.
struct ManifestContent: Sendable {
    var networks: [Network] = []
    var containers: [Container] = []
    /// Every resource whose kind and name could be read, those with errors too.
    var declared: [ResourceID] = []
    /// Those that can be read but break a rule: they count where the whole set is checked, so that all errors come at
    /// once, and nothing comes of them.
    var unsound: Set<ResourceID> = []

    /// The resources that nothing is wrong with.
    var sound: ResourceSet {
        unsound.isEmpty
            ? ResourceSet(networks: networks, containers: containers)
            : ResourceSet(
                networks: networks.filter { !unsound.contains($0.id) },
                containers: containers.filter { !unsound.contains($0.id) })
    }
}

extension ContainerSchema {
    /// Of image and rootfs exactly one.
    static func json() -> JSONValue {
        guard case .object(var members) = spec.json() else { return spec.json() }
        members.append(.init("oneOf", [["required": ["image"]], ["required": ["rootfs"]]]))
        return .object(members)
    }
}
