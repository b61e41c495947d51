import Model

enum ServiceSchema {
    /// Replicas that one service may have: each is a container.
    static let replicas = 0...9_999

    /// `spec` of `kind: Service`.
    static let spec = ObjectSchema<Service>(
        "Service spec",
        initial: Service(metadata: Metadata(name: ""), template: ContainerSchema.template.initial),
        [
            Field(
                "replicas", \.replicas, .integer(replicas), synonyms: ["scale", "count"],
                "How many containers there are of the template, named NAME.1, NAME.2 and so on."),
            Field(
                "template", \.template, template, required: true, synonyms: ["container", "pod"],
                "What each replica is: the spec of a Container."),
            Field(
                "ports", \.ports, ServicePortSchema.list, synonyms: ["publish", "expose"],
                "Ports published on the host: each leads to all replicas that are ready, in turn."),
            Field(
                "update", \.update, update.schema, synonyms: ["updateConfig", "update_config", "strategy"],
                "How a new template takes the place of the old one."),
            Field("nodeSelector", \.nodeSelector, Labels.schema, "Only on nodes whose labels match."),
        ])

    private static let template = Schema<Container>(
        expected: "a map", json: ContainerSchema.json(ContainerSchema.template),
        read: ContainerSchema.template.schema.read)

    private static let update = ObjectSchema<UpdateOptions>(
        "update", initial: UpdateOptions(), example: "{ maxUnavailable: 1 }",
        [
            Field(
                "maxUnavailable", \.maxUnavailable, .integer(1...replicas.upperBound), synonyms: ["parallelism"],
                "Replicas that may be away at once.")
        ])
}

extension Service {
    /// Gives the template its name, labels and positions, once all of the service is read.
    mutating func settleTemplate() {
        let prefix = "template."
        var positions: [String: SourcePosition] = [:]
        for (path, position) in metadata.fieldPositions where path.hasPrefix(prefix) {
            positions[String(path.dropFirst(prefix.count))] = position
        }
        template.metadata = Metadata(
            name: ReplicaName(metadata.name, 0).text, labels: metadata.labels, annotations: metadata.annotations,
            position: metadata.fieldPositions["template"] ?? metadata.position, fieldPositions: positions)
        template.nodeSelector = nodeSelector
    }
}
