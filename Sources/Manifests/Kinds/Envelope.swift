import Model

/// What stands around every `spec`.
struct Envelope: Sendable {
    static let apiVersion = "reconcile/v1"

    var apiVersion = ""
    var kind = ""
    var metadata = Metadata(name: "")
    /// Where `spec` stands; read by the kind.
    var spec: NodeIndex?

    /// The schema of a document of one kind; `nil` for any kind, to read the envelope alone.
    static func schema(_ kind: ManifestKind?) -> ObjectSchema<Envelope> {
        let version = Schema<String>.parsed(apiVersion, json: ["enum": [.string(apiVersion)]]) {
            text throws(Misreading) in
            guard text == apiVersion else { throw Misreading(hint: "write apiVersion: \(apiVersion)") }
            return text
        }
        let kinds = kind.map { [$0.name] } ?? ManifestKind.all.map(\.name)
        let name = Schema<String>.parsed("a kind", json: ["enum": .strings(kinds)]) { text throws(Misreading) in
            if kinds.contains(text) { return text }
            let has = "this version has \(kinds.joined(separator: ", "))"
            throw Misreading(
                hint: NearestName.hint(for: text, among: kinds) ?? has, message: "there is no kind \(quoted(text))",
                code: "unknown-kind")
        }
        let spec = Schema<NodeIndex?>(expected: "a map", json: kind?.specification() ?? ["type": "object"]) {
            node, _ in node
        }
        return ObjectSchema(
            kind.map { "a \($0.name)" } ?? "a manifest", initial: Envelope(),
            example: "apiVersion: \(apiVersion), kind: Container, ...",
            [
                Field("apiVersion", \.apiVersion, version, required: true, "The version of the manifests."),
                Field(
                    "kind", \.kind, name, required: true,
                    "What the document describes: Network, Container or Service."),
                Field("metadata", \.metadata, metadata.schema, required: true, "Its name and labels."),
                Field("spec", \.spec, spec, required: kind?.needsSpec ?? false, "What it should be."),
            ])
    }

    private static let metadata = ObjectSchema<Metadata>(
        "metadata", initial: Metadata(name: ""), example: "{ name: web }",
        [
            Field("name", \.name, .label, required: true, "One DNS label, unique in its kind."),
            Field("labels", \.labels, Labels.schema, "Free labels."),
            Field(
                "annotations", \.annotations, AnnotationSchema.map,
                "Notes for tools. reconcile/mode: detect-only reports drift without repairing it."),
        ])
}
