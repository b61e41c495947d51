import Model

/// The plan that a dry run prints as JSON.
struct PlanView: CustomStringConvertible {
    struct Entry: Hashable, CustomStringConvertible {
        let resource: String
        let object: String
        let actions: [String]
        let fields: [String]
        let cause: String

        init(_ json: JSONValue) {
            resource = json["resource"]?.string ?? ""
            object = json["object"]?.string ?? ""
            actions = (json["actions"]?.array ?? []).compactMap(\.string)
            fields = (json["fields"]?.array ?? []).compactMap { $0["name"]?.string }.sorted()
            cause = json["cause"]?["kind"]?.string ?? ""
        }

        var operation: String { "\(actions.joined(separator: "+")) \(object)" }
        var description: String { "\(operation) [\(fields.joined(separator: " "))] \(cause)" }
    }

    let json: JSONValue
    let drift: [Entry]
    let changes: [Entry]
    let diagnostics: [String]

    init(_ json: JSONValue) {
        self.json = json
        drift = (json["drift"]?.array ?? []).map(Entry.init)
        changes = (json["changes"]?.array ?? []).map(Entry.init)
        diagnostics = (json["diagnostics"]?.array ?? []).map {
            "\($0["severity"]?.string ?? "") \($0["code"]?.string ?? ""): \($0["message"]?.string ?? "")"
        }
    }

    /// The fields of a drifted object; `nil` where it did not drift.
    func drifted(_ object: String) -> [String]? { drift.first { $0.object == object }?.fields }

    var operations: [String] { changes.map(\.operation).sorted() }
    var description: String { (changes.map(\.description) + diagnostics).joined(separator: "\n") }
}
