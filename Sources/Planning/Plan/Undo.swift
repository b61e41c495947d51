import Model

extension Plan {
    /// The changes that take back what a pass created for resources of which another part failed, in an order that
    /// works. Updates are not taken back: the old values may be what the user wanted to be rid of.
    public static func undo(_ created: [Change]) -> [Change] {
        var changes: [ObjectID: Change] = [:]
        for change in created where change.action == .create && change.id.kind.isPruned {
            changes[change.id] = Change(
                .delete, before: change.after, after: nil,
                cause: Change.Cause(.dependency, "another part of \(change.resource) failed"))
        }
        return order(changes: changes, observation: Observation())
    }
}
