import Model

/// What a look at the branch brought.
public enum GitUpdate: Hashable, Sendable {
    /// The branch is where it was.
    case unchanged
    /// The same, after a look that failed.
    case recovered(GitCheckout)
    /// A commit was accepted, and its checkout is in place.
    case new(GitCheckout)
    /// A commit was accepted, and is here; it does not count until it is published.
    case held(GitCheckout)
    /// The branch could not be read or its commit not be accepted; what was accepted last still counts. A failure that
    /// is the same as the one before is repeated: it was told already.
    case failed(Diagnostic, isRepeated: Bool)
}

extension GitUpdate {
    /// What of it goes to the event log.
    ///
    /// - Parameters:
    ///   - revision: the commit that counts when it failed; empty where there is none yet.
    ///   - time: milliseconds since 1970.
    public func events(branch: String, revision: String, time: Int64) -> [Event] {
        func event(_ kind: Event.Kind, _ revision: String, _ cause: String) -> Event {
            var event = Event(time: time, kind: kind, object: "branch \(branch)", revision: revision)
            event.cause = cause
            return event
        }
        switch self {
        case .unchanged, .failed(_, isRepeated: true): return []
        case .recovered(let checkout):
            return [event(.manifest, checkout.commit, "the branch can be read again and is at this commit")]
        case .failed(let diagnostic, isRepeated: false):
            // git's words may be several lines, where an event is one.
            let cause = diagnostic.cause?.split(whereSeparator: \.isNewline).joined(separator: "; ")
            return [event(.failed, revision, [diagnostic.message, cause].compactMap { $0 }.joined(separator: ": "))]
        case .new(let checkout), .held(let checkout):
            var text = "commit \(checkout.shortCommit) \"\(checkout.subject)\""
            if let signer = checkout.signer { text += ", signed by \(signer)" }
            var events = [event(.manifest, checkout.commit, text)]
            if let old = checkout.rewrittenFrom {
                let text = "the branch was rewritten: \(GitCommit.short(old)) is no part of its history any more"
                events.insert(event(.manifest, checkout.commit, text), at: 0)
            }
            return events
        }
    }
}
