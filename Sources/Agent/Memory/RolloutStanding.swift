import Fleet
import Model

/// How this node stands in its fleet's rollout, for `status`.
public struct RolloutStanding: Hashable, Sendable {
    /// The commit that is rolled out, or waits for that; `nil` where none is known.
    public var revision: String?
    /// `waiting`, `changing`, `healthy`, `failed`, `direct`; `nil` before anything is known.
    public var state: String?
    /// Why, in a few words.
    public var reason: String

    /// A standing by its parts.
    public init(revision: String? = nil, state: String? = nil, reason: String = "") {
        self.revision = revision
        self.state = state
        self.reason = reason
    }

    /// Whether this node stopped the rollout, or refuses its commit.
    var isFailed: Bool { state == RolloutProgress.State.failed.rawValue }

    init?(_ json: JSONValue) {
        guard json.members != nil else { return nil }
        self.init(
            revision: json["revision"]?.string, state: json["state"]?.string, reason: json["reason"]?.string ?? "")
    }

    /// For programs.
    public var json: JSONValue {
        ["revision": .optional(revision), "state": .optional(state), "reason": .string(reason)]
    }

    /// A sentence.
    public var text: String {
        let commit = revision.map { " of commit \($0.prefix(12))" } ?? ""
        let words = [state, reason.isEmpty ? nil : reason].compactMap { $0 }.joined(separator: ": ")
        return "Rollout\(commit): \(words)."
    }
}
