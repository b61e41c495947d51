import Model
import Planning

/// What was told already, so that what goes on is not told with every pass.
struct Told {
    /// How long what is usual for a moment has to last before it is told.
    static let patience = Duration.seconds(2)
    /// Codes of what is so at each start, and with each new container: until etcd has answered.
    private static let usual = Knowledge.ofOthers.union(["fleet-unknown"])

    private var diagnostics: Set<String> = []
    /// Since when something is so that was not told yet because it is usual.
    private var beginnings: [String: ContinuousClock.Instant] = [:]
    private var drift: [ObjectID: (scope: Scope, fields: [Change.FieldChange])] = [:]

    /// Those of the diagnostics that were not told since they last went away.
    mutating func new(_ current: [Diagnostic], at now: ContinuousClock.Instant) -> [Diagnostic] {
        var (fresh, texts): ([Diagnostic], Set<String>) = ([], [])
        var waiting: [String: ContinuousClock.Instant] = [:]
        for diagnostic in current {
            let text = diagnostic.description
            if Self.usual.contains(diagnostic.code), !diagnostics.contains(text) {
                let beginning = beginnings[text] ?? now
                guard now - beginning >= Self.patience else {
                    waiting[text] = beginning
                    continue
                }
            }
            if texts.insert(text).inserted, !diagnostics.contains(text) { fresh.append(diagnostic) }
        }
        (diagnostics, beginnings) = (texts, waiting)
        return fresh
    }

    /// Those of the changes that were not told as they are now. `scopes` are what was looked at; `nil`: everything.
    mutating func new(_ current: [Change], in scopes: Set<Scope>?) -> [Change] {
        let present = Set(current.map(\.id))
        // The id alone does not tell the scope: that of a veth depends on whose it is.
        for (id, told) in drift where !present.contains(id) && scopes?.contains(told.scope) ?? true { drift[id] = nil }
        return current.filter { change in
            defer { drift[change.id] = (Scope(of: change.object), change.fields) }
            return drift[change.id]?.fields != change.fields
        }
    }
}
