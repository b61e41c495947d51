import Model

/// The fields that a process was started by, as the text that is kept beside it.
///
/// What was written is compared by meaning, field by field: no hash decides whether a container is restarted, so a
/// later version that writes the text differently changes nothing.
enum ProcessSpecification {
    /// The text: one line of JSON, with its version.
    static func text(_ fields: [Field]) -> String {
        let kept = fields.filter { $0.name != .state }
        let json: JSONValue = ["version": 1, "fields": FieldCoding.encode(kept)]
        return json.text()
    }

    /// The fields; empty where the text is none of ours.
    static func fields(_ text: String) -> [Field] {
        guard let json = try? JSONValue(parsing: text.utf8), json["version"]?.int == 1 else { return [] }
        return json["fields"].flatMap { FieldCoding.decode($0) } ?? []
    }
}
