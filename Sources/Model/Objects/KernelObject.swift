/// Something that exists in the kernel, or should: a link, an address, a firewall element, a process.
///
/// Desired and observed objects are the same type; a plan is the difference of two collections of them.
public struct KernelObject: Hashable, Sendable {
    /// What it is known by.
    public let id: ObjectID
    /// Whom it belongs to. `nil` on an observed object whose mark does not tell.
    public var owner: ResourceID?
    /// What is compared, in the order in which it is shown.
    public var fields: [Field]
    /// What it cannot exist without.
    public var hangsOn: [ObjectID]
    /// What must be done before it, without its existence depending on it.
    public var after: [ObjectID]
    /// What no two objects may hold at once (`port tcp 8080`), beyond the id.
    public var keys: [String]
    /// Where the manifests ask for it.
    public var source: SourcePosition?
    /// Where the manifests ask for single fields.
    public var fieldSources: [FieldName: SourcePosition]

    /// An object.
    public init(
        _ id: ObjectID, owner: ResourceID? = nil, fields: [Field] = [], hangsOn: [ObjectID] = [],
        after: [ObjectID] = [], keys: [String] = [], source: SourcePosition? = nil,
        fieldSources: [FieldName: SourcePosition] = [:]
    ) {
        self.id = id
        self.owner = owner
        self.fields = fields
        self.hangsOn = hangsOn
        self.after = after
        self.keys = keys
        self.source = source
        self.fieldSources = fieldSources
    }

    /// A field's value; `nil` where it has none of that name.
    public subscript(name: FieldName) -> FieldValue? {
        for field in fields where field.name == name { return field.value }
        return nil
    }

    /// A text field (a secret's text as well).
    public func string(_ name: FieldName) -> String? {
        switch self[name] {
        case .string(let text), .secret(let text): text
        default: nil
        }
    }

    /// A number field.
    public func int(_ name: FieldName) -> Int? { if case .int(let number) = self[name] { number } else { nil } }

    /// A truth field.
    public func bool(_ name: FieldName) -> Bool? { if case .bool(let value) = self[name] { value } else { nil } }

    /// A list field.
    public func list(_ name: FieldName) -> [String]? { if case .list(let items) = self[name] { items } else { nil } }

    /// Its fields as a JSON object.
    public var json: JSONValue { .object(fields.map { JSONValue.Member($0.name.description, $0.value.json) }) }
}
