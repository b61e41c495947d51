extension Sequence<Diagnostic> {
    /// The resources that something is wrong with: of which one of these is an error.
    public var resourcesInError: Set<ResourceID> {
        Set(lazy.filter { $0.severity == .error }.compactMap(\.resource))
    }
}
