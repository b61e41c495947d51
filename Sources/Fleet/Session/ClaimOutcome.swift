/// What became of a request.
public enum ClaimOutcome: Hashable, Sendable {
    /// It is held now, or was already.
    case taken(Claim)
    /// Somebody else has it.
    case held(by: Claim)

    /// True where it is held by who asked.
    public var isTaken: Bool { if case .taken = self { true } else { false } }
}
