import Model

/// What a plan leaves as it is beside what it was told to: known only when all is compared.
struct LeftAlone: Hashable {
    /// Why a resource is left alone: something of another that is left alone stands on it.
    struct Use: Hashable {
        /// Whose object stands on it.
        let user: ResourceID
        /// What would have been taken away.
        let object: ObjectID
        /// Whether a manifest names the resource.
        let isNamed: Bool
    }

    /// Drifted objects, where drift is only reported.
    var reported: Set<ObjectID> = []
    /// Resources that others stand on.
    var used: [ResourceID: Use] = [:]

    var isEmpty: Bool { reported.isEmpty && used.isEmpty }

    /// That a manifest cannot be followed is an error; that something stays a little longer is none.
    var diagnostics: [Diagnostic] {
        used.sorted { $0.key < $1.key }.filter { $0.key.kind != .host }.map { resource, use in
            Diagnostic(
                use.isNamed ? .error : .note, code: "still-used",
                use.isNamed
                    ? "\(use.object) cannot be removed or made anew: \(use.user) uses it and is left as it is"
                    : "\(resource) is not removed: \(use.user) uses it and is left as it is",
                hint: use.isNamed ? "resume \(use.user), or take the change back" : nil, resource: resource)
        }
    }
}
