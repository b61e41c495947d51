import Model

/// How a host stands to the branch that it follows, as its agent knows it.
public struct BranchStanding: Hashable, Sendable {
    /// The branch.
    public let branch: String
    /// The repository, without credentials.
    public let url: String
    /// Since when no look at it succeeds, in milliseconds since 1970; `nil` where the last one did.
    public private(set) var since: Int64?
    /// What is wrong.
    public private(set) var code: String?
    /// The same in a sentence.
    public private(set) var message: String?
    /// What would help.
    public private(set) var hint: String?

    init(_ settings: GitSettings) { (branch, url) = (settings.branch, settings.url.description) }

    init?(json: JSONValue) {
        guard let branch = json["branch"]?.string, let url = json["url"]?.string else { return nil }
        (self.branch, self.url) = (branch, url)
        since = json["since"]?.string.flatMap { Timestamp.milliseconds($0) }
        (code, message, hint) = (json["code"]?.string, json["message"]?.string, json["hint"]?.string)
    }

    /// Notes how a look at the branch ended.
    mutating func looked(_ update: GitUpdate, at time: Int64) {
        guard case .failed(let problem, _) = update else {
            (since, code, message, hint) = (nil, nil, nil, nil)
            return
        }
        since = since ?? time
        (code, message, hint) = (problem.code, problem.message, problem.hint)
    }

    /// The last look succeeded.
    public var isReady: Bool { since == nil }

    /// What is wrong, in a sentence; empty where nothing is.
    public var text: String {
        guard let since, let message else { return "" }
        return "Branch \(branch) is not followed since \(Timestamp.text(since)): \(message)."
            + (hint.map { " (\($0))" } ?? "")
    }

    /// For programs.
    public var json: JSONValue {
        [
            "branch": .string(branch), "url": .string(url), "since": since.map { .string(Timestamp.text($0)) } ?? .null,
            "code": .optional(code), "message": .optional(message), "hint": .optional(hint),
        ]
    }
}
