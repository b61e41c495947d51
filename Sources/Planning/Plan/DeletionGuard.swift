import Model

/// Stops a pass that would delete more than half of at least four owned resources, or all of them: an emptied folder
/// is far more often a mistake than a wish.
public enum DeletionGuard {
    /// An error where the plan deletes too much; `nil` where it may go on.
    ///
    /// A resource counts as deleted where something of it is deleted and nothing of it stays desired. A service counts as
    /// one with its replicas: a manifest that asks for fewer, or for none, is no mistake.
    public static func check(_ plan: Plan, owned: Set<ResourceID>, desired: Set<ResourceID>) -> Diagnostic? {
        let counted = Set(owned.lazy.filter { $0.kind != .host }.map(\.described))
        let touched = Set(plan.changes.lazy.filter { $0.action == .delete }.map(\.resource.described))
        let lost = counted.subtracting(desired).intersection(touched)
        guard !lost.isEmpty else { return nil }
        let all = lost.count == counted.count
        guard all || (counted.count >= 4 && lost.count * 2 > counted.count) else { return nil }
        let names = lost.sorted().prefix(5).map(\.description).joined(separator: ", ")
        return Diagnostic(
            code: "mass-delete",
            "this would delete \(all ? "all" : "\(lost.count) of the") \(counted.count) resources that are ours "
                + "(\(names)\(lost.count > 5 ? ", …" : ""))",
            hint: "check that the manifests are all there; to go on all the same: --allow-mass-delete, or reconcile "
                + "destroy to remove everything")
    }
}
