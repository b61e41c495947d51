import Model

/// The JSON Schema of manifests, from the definitions that decoding goes by.
public enum ManifestSchema {
    /// The schema of one document (JSON Schema draft 7, which editors' YAML support reads best).
    public static func document() -> JSONValue {
        let kinds = ManifestKind.all.map { kind -> JSONValue in
            guard case .object(let members) = Envelope.schema(kind).json() else { return true }
            return .object([.init("title", .string(kind.name))] + members)
        }
        return [
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": .string("reconcile manifest (\(Envelope.apiVersion))"),
            "oneOf": .array(kinds),
        ]
    }
}
