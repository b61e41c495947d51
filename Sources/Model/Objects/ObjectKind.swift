/// A kind of kernel object, with the few facts about it that planning needs.
///
/// Each kind is declared once, in its own file beside this one. Planning reads these facts and nothing else, so it
/// never asks which kind it has before it.
public final class ObjectKind: Hashable, Sendable {
    /// As plans print it: `link`, `address`, `firewall`.
    public let name: String
    /// Where it comes in a resource's part of the plan, lowest first: no order of execution, which dependencies give.
    public let rank: Int
    /// Fields that the kernel cannot change on a living object.
    public let replacedBy: Set<FieldName>
    /// Where given, the only fields that can be changed on a living object.
    public let updatedBy: Set<FieldName>?
    /// True where a field that is observed but not desired is a difference; else such fields are the kernel's own affair.
    public let isClosed: Bool
    /// True where the kernel removes it with what it hangs on, so that no operation of ours has to.
    public let diesWithParent: Bool
    /// Fields that no manifest changes: where one differs, something happened.
    public let drifting: Set<FieldName>
    /// What it is when it was just made, whatever may become of it later.
    public let beginsWith: [Field]
    /// The fields that tell a reader what a new object is, in order.
    public let shown: [FieldName]
    /// False for what a pass never removes (pulled images).
    public let isPruned: Bool
    /// True for what others can do without: what comes after it waits for it, and goes on where it fails; and where it
    /// fails nothing of its resource is taken back.
    public let isAuxiliary: Bool
    /// What numbers in its fields count, where that is not plain.
    public let units: [FieldName: FieldUnit]

    /// Declares a kind.
    public init(
        _ name: String, rank: Int, replacedBy: Set<FieldName> = [], updatedBy: Set<FieldName>? = nil,
        isClosed: Bool = false, diesWithParent: Bool = false, drifting: Set<FieldName> = [], beginsWith: [Field] = [],
        shown: [FieldName] = [], isPruned: Bool = true, isAuxiliary: Bool = false,
        units: [FieldName: FieldUnit] = [:]
    ) {
        self.name = name
        self.rank = rank
        self.replacedBy = replacedBy
        self.updatedBy = updatedBy
        self.isClosed = isClosed
        self.diesWithParent = diesWithParent
        self.drifting = drifting
        self.beginsWith = beginsWith
        self.shown = shown
        self.isPruned = isPruned
        self.isAuxiliary = isAuxiliary
        self.units = units
    }

    /// True where a change of this field means deleting the object and making it anew.
    public func isReplaced(by field: FieldName) -> Bool {
        updatedBy.map { !$0.contains(field) } ?? replacedBy.contains(field)
    }

    /// The same declaration.
    public static func == (left: ObjectKind, right: ObjectKind) -> Bool { left === right }

    /// By declaration.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
