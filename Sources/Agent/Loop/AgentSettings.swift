/// How an agent works.
public struct AgentSettings: Sendable {
    /// Between two full looks at everything, which find what has no event.
    public var fullPassInterval: Duration = .seconds(600)
    /// Between two looks at what tells cheaply whether something moved.
    public var checkInterval: Duration = .seconds(60)
    /// Reports what differs and changes nothing.
    public var detectOnly = false
    /// A change of the manifests may delete most of what is ours.
    public var allowsMassDelete = false

    /// The defaults.
    public init() {}
}
