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
    /// Reads `spec` and keeps what can be read of it; where something is wrong with it, as unsound.
    let read: @Sendable (NodeIndex?, Metadata, inout Decoding, inout ManifestContent) -> Void

    /// The kinds of this version.
    static let all = [network, container, service]

    private static let network = ManifestKind(
        name: "Network", id: .network, needsSpec: false, specification: { NetworkSchema.spec.json() }, read: readNetwork
    )

    private static let container = ManifestKind(
        name: "Container", id: .container, needsSpec: true, specification: { ContainerSchema.json() },
        read: readContainer)

    private static let service = ManifestKind(
        name: "Service", id: .service, needsSpec: true, specification: { ServiceSchema.spec.json() }, read: readService)

    @Sendable
    private static func readNetwork(
        _ spec: NodeIndex?, _ metadata: Metadata, _ decoding: inout Decoding, _ content: inout ManifestContent
    ) {
        var network = NetworkSchema.spec.initial
        let isRead = spec.map { NetworkSchema.spec.read($0, into: &network, &decoding) } ?? true
        network.metadata = metadata
        network.metadata.fieldPositions = decoding.positions
        content.networks.append(network)
        content.judge(network.id, isRead: isRead, isSound: isRead && decoding.accepts(NetworkRules.check(network)))
    }

    @Sendable
    private static func readContainer(
        _ spec: NodeIndex?, _ metadata: Metadata, _ decoding: inout Decoding, _ content: inout ManifestContent
    ) {
        var container = ContainerSchema.spec.initial
        // Without it only the name counts, for what is described twice.
        let isRead = spec.map { ContainerSchema.spec.read($0, into: &container, &decoding) } ?? false
        container.metadata = metadata
        container.metadata.fieldPositions = decoding.positions
        content.containers.append(container)
        content.judge(
            container.id, isRead: isRead, isSound: isRead && decoding.accepts(ContainerRules.check(container)))
    }

    @Sendable
    private static func readService(
        _ spec: NodeIndex?, _ metadata: Metadata, _ decoding: inout Decoding, _ content: inout ManifestContent
    ) {
        var service = ServiceSchema.spec.initial
        guard let spec else { return }
        let isRead = ServiceSchema.spec.read(spec, into: &service, &decoding)
        service.metadata = metadata
        service.metadata.fieldPositions = decoding.positions
        service.settleTemplate()
        content.services.append(service)
        content.judge(service.id, isRead: isRead, isSound: isRead && decoding.accepts(ServiceRules.check(service)))
    }
}

extension ManifestContent {
    fileprivate mutating func judge(_ id: ResourceID, isRead: Bool, isSound: Bool) {
        if !isRead { partial.insert(id) }
        if !isSound { unsound.insert(id) }
    }
}

extension ContainerSchema {
    /// Of image and rootfs exactly one.
    static func json(_ spec: ObjectSchema<Container> = spec) -> JSONValue {
        guard case .object(var members) = spec.json() else { return spec.json() }
        members.append(.init("oneOf", [["required": ["image"]], ["required": ["rootfs"]]]))
        return .object(members)
    }
}
