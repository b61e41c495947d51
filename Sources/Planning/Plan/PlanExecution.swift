import Model

/// Carries out the operations on some kinds of objects. The engine knows handlers only through this protocol.
public protocol ObjectHandler: Sendable {
    /// The kinds that it handles.
    var kinds: [ObjectKind] { get }
    /// True where all operations of a pass must be committed together.
    var isTransactional: Bool { get }
    /// Carries out operations whose prerequisites are done, in the order given where that matters, and answers with
    /// one result each.
    func apply(_ changes: [Change]) async -> [OperationResult]
}

extension ObjectHandler {
    /// Most handlers take operations as they become ready.
    public var isTransactional: Bool { false }
}

/// What became of one operation.
public enum OperationResult: Sendable {
    /// Done.
    case done
    /// Not done, and why.
    case failed(Diagnostic)
    /// Not tried, because what it depends on failed; the id names that.
    case skipped(ObjectID)
    /// Done, then taken back, because another operation of its resource failed.
    case undone

    /// Whether it was done and is so still.
    public var isDone: Bool { if case .done = self { true } else { false } }
}
