/// Something that exists in the kernel, or should: a link, an address, a firewall element, a process.
///
/// Desired and observed objects are the same type; a plan is the difference of two collections of them.
///
/// Its parts lie behind one reference, copied when written to: a pass handles tens of thousands of objects and hands
/// each on several times.
public struct KernelObject: Sendable {
    private struct Parts: Hashable, Sendable {
        let id: ObjectID
        var owner: ResourceID?
        var fields: [Field]
        var hangsOn: [ObjectID]
        var after: [ObjectID]
        var keys: [String]
        var source: SourcePosition?
        var fieldSources: [FieldName: SourcePosition]
        var follows: [FieldName: String]
    }

    /// Written to only while nobody else refers to it.
    private final class Box: @unchecked Sendable {
        var parts: Parts
        init(_ parts: Parts) { self.parts = parts }
    }

    private var box: Box

    private var parts: Parts {
        get { box.parts }
        set {
            if isKnownUniquelyReferenced(&box) { box.parts = newValue } else { box = Box(newValue) }
        }
    }

    /// What it is known by.
    public var id: ObjectID { box.parts.id }
    /// Whom it belongs to. `nil` on an observed object whose mark does not tell.
    public var owner: ResourceID? {
        get { box.parts.owner }
        set { parts.owner = newValue }
    }
    /// What is compared, in the order in which it is shown.
    public var fields: [Field] {
        get { box.parts.fields }
        set { parts.fields = newValue }
    }
    /// What it cannot exist without.
    public var hangsOn: [ObjectID] {
        get { box.parts.hangsOn }
        set { parts.hangsOn = newValue }
    }
    /// What must be done before it, without its existence depending on it.
    public var after: [ObjectID] {
        get { box.parts.after }
        set { parts.after = newValue }
    }
    /// What no two objects may hold at once (`port tcp 8080`), beyond the id.
    public var keys: [String] {
        get { box.parts.keys }
        set { parts.keys = newValue }
    }
    /// Where the manifests ask for it.
    public var source: SourcePosition? {
        get { box.parts.source }
        set { parts.source = newValue }
    }
    /// Where the manifests ask for single fields.
    public var fieldSources: [FieldName: SourcePosition] {
        get { box.parts.fieldSources }
        set { parts.fieldSources = newValue }
    }

    /// What else single fields follow, of which the manifests say nothing: `eth0`.
    public var follows: [FieldName: String] {
        get { box.parts.follows }
        set { parts.follows = newValue }
    }

    /// An object.
    public init(
        _ id: ObjectID, owner: ResourceID? = nil, fields: [Field] = [], hangsOn: [ObjectID] = [],
        after: [ObjectID] = [], keys: [String] = [], source: SourcePosition? = nil,
        fieldSources: [FieldName: SourcePosition] = [:], follows: [FieldName: String] = [:]
    ) {
        box = Box(
            Parts(
                id: id, owner: owner, fields: fields, hangsOn: hangsOn, after: after, keys: keys, source: source,
                fieldSources: fieldSources, follows: follows))
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

extension KernelObject: Hashable {
    /// Equal in all parts.
    public static func == (left: KernelObject, right: KernelObject) -> Bool {
        left.box === right.box || left.box.parts == right.box.parts
    }

    /// By all parts.
    public func hash(into hasher: inout Hasher) { hasher.combine(box.parts) }
}
