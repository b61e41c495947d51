import Model
import Planning

/// What was told already, so that what goes on is not told with every pass.
struct Told {
    private var diagnostics: Set<String> = []
    private var drift: [ObjectID: (scope: Scope, fields: [Change.FieldChange])] = [:]

    /// Those of the diagnostics that were not told since they last went away.
    mutating func new(_ current: [Diagnostic]) -> [Diagnostic] {
        let texts = current.map(\.description)
        let fresh = zip(current, texts).filter { !diagnostics.contains($0.1) }.map(\.0)
        diagnostics = Set(texts)
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
