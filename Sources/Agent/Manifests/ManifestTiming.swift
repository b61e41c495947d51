/// How long the agent waits for manifests to settle.
public struct ManifestTiming: Hashable, Sendable {
    /// So long nothing must have changed before the manifests are read.
    public var quiet: Duration = .milliseconds(200)
    /// So long at most, where changes do not stop.
    public var longest: Duration = .seconds(2)
    /// How often the tree is looked at although no event came.
    public var poll: Duration = .seconds(60)
    /// The same where events do not tell of every change (network file systems).
    public var remotePoll: Duration = .seconds(30)
    /// How long a file that is being written, git's index lock and a tree that goes on changing are waited for.
    public var patience: Duration = .seconds(10)

    /// The usual times.
    public init() {}
}
