extension Plan {
    /// Says of changes that they follow from something else than the manifests, in words: then they are no drift, since
    /// nobody changed what they change.
    public mutating func follow(_ why: (Change) -> String?) {
        for index in changes.indices {
            if let why = why(changes[index]) { changes[index].cause = Change.Cause(.dependency, why) }
        }
        drift.removeAll { why($0) != nil }
    }
}
