import Model

/// Something that happened, as the event log and the log on standard error tell it (section 6 of the design).
public struct Event: Hashable, Sendable {
    /// What kind of thing happened.
    public enum Kind: String, Hashable, Sendable {
        case drift
        case created
        case updated
        case replaced
        case deleted
        case failed
        case manifest
        case contended
        case rollout
        case started
        case stopped
    }

    /// What was done about it.
    public enum Action: String, Hashable, Sendable {
        case repaired
        case reported
        case none
    }

    /// Milliseconds since 1970, UTC.
    public var time: Int64
    /// What kind of thing happened.
    public var kind: Kind
    /// The resource that it concerns.
    public var resource: ResourceID?
    /// The object.
    public var object: String?
    /// The field that drifted.
    public var field: String?
    /// What should be.
    public var desired: JSONValue = .null
    /// What was seen.
    public var observed: JSONValue = .null
    /// What was done.
    public var action: Action = .none
    /// Why.
    public var cause: String?
    /// Where in the manifests.
    public var source: SourcePosition?
    /// The state of the manifests.
    public var revision: String
    /// How long it took, in milliseconds.
    public var duration: Int64?

    /// An event.
    public init(time: Int64, kind: Kind, resource: ResourceID? = nil, object: String? = nil, revision: String) {
        self.time = time
        self.kind = kind
        self.resource = resource
        self.object = object
        self.revision = revision
    }

    /// One JSON object.
    public var json: JSONValue {
        [
            "time": .string(Timestamp.text(time)), "event": .string(kind.rawValue),
            "resource": .optional(resource?.description), "object": .optional(object), "field": .optional(field),
            "desired": desired, "observed": observed, "action": .string(action.rawValue), "cause": .optional(cause),
            "source": source.map {
                ["file": .string($0.file), "line": .int(Int64($0.line)), "column": .int(Int64($0.column))]
            }
                ?? .null,
            "revision": .string(revision), "durationMs": duration.map { .int($0) } ?? .null,
        ]
    }
}
