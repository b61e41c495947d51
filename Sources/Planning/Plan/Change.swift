import Model

/// One operation: what happens to one object, and why.
public struct Change: Hashable, Sendable {
    /// What happens.
    public enum Action: String, Hashable, Sendable {
        case create
        case update
        /// Deleted, then created: the kernel cannot change it in place.
        case replace
        case delete
    }

    /// Why it happens.
    public struct Cause: Hashable, Sendable {
        /// The three sources of change.
        public enum Kind: String, Hashable, Sendable {
            /// The manifests say something new.
            case manifest
            /// Something changed outside of reconcile.
            case drift
            /// What it hangs on is made anew.
            case dependency
        }

        /// Which of the three.
        public let kind: Kind
        /// In words (`image changed at web.yaml:12`).
        public let message: String
        /// It says more of a drift than that there is one, and is worth printing beside what drifted.
        public let isTelling: Bool

        /// A cause.
        public init(_ kind: Kind, _ message: String, isTelling: Bool = false) {
            self.kind = kind
            self.message = message
            self.isTelling = isTelling
        }
    }

    /// A field and its two values; `nil` where a side has none.
    public struct FieldChange: Hashable, Sendable {
        /// The field.
        public let name: FieldName
        /// What is observed.
        public let before: FieldValue?
        /// What is desired.
        public let after: FieldValue?

        /// A field's change.
        public init(_ name: FieldName, before: FieldValue?, after: FieldValue?) {
            self.name = name
            self.before = before
            self.after = after
        }
    }

    /// What happens.
    public let action: Action
    /// The object as observed; `nil` for a create.
    public let before: KernelObject?
    /// The object as desired; `nil` for a delete.
    public let after: KernelObject?
    /// The fields that differ; empty for create and delete.
    public let fields: [FieldChange]
    /// Why.
    public var cause: Cause
    /// Indexes of the changes in the plan that must be done first.
    public var dependsOn: [Int] = []
    /// It is told and not carried out: its resource is suspended, or its drift is only reported.
    public var isWithheld = false

    /// A change.
    public init(
        _ action: Action, before: KernelObject?, after: KernelObject?, fields: [FieldChange] = [], cause: Cause
    ) {
        self.action = action
        self.before = before
        self.after = after
        self.fields = fields
        self.cause = cause
    }

    /// The object's desired state, or the observed one where it is deleted.
    public var object: KernelObject {
        guard let object = after ?? before else { preconditionFailure("a change has an object on one side at least") }
        return object
    }

    /// The object's id.
    public var id: ObjectID { object.id }

    /// Whom the object belongs to.
    public var resource: ResourceID { after?.owner ?? before?.owner ?? .host("unclaimed") }
}
