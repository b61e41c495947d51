/// A node as its own agent sees it: what a rollout's next step depends on, beside what the fleet knows.
public struct RolloutNode: Hashable, Sendable {
    /// What taking a commit would mean here.
    public enum Preview: Hashable, Sendable {
        /// Nobody has looked yet.
        case unknown
        /// Nothing would change, or there is nothing yet that could suffer.
        case nothing
        /// Something would change: it needs a turn.
        case changes
        /// It cannot be taken.
        case refused(String)
    }

    /// How what runs here is.
    public enum Condition: Hashable, Sendable {
        /// As the manifests say, ready, and that for a while.
        case healthy
        /// Not yet known.
        case settling(String)
        /// As the manifests say, and ready, but not for long enough.
        case steadying
        /// As the manifests say, but for what other nodes have to give up first.
        case waiting(String)
        /// It will not become healthy by itself.
        case failed(String)
    }

    /// Its name.
    public var name: String
    /// The commit whose manifests are in force; `nil` where none is.
    public var inForce: String?
    /// The commit that the branch is at, as it was last seen; `nil` before it was read.
    public var tip: String?
    /// The last commit of the branch that this node saw rolled out: another one is news.
    public var joined: String?
    /// The rollout's sequence that was known when the branch was last asked; -1 before it was.
    public var looked: Int64
    /// What taking the commit that it is to have would mean.
    public var preview: Preview
    /// How what runs is.
    public var condition: Condition
    /// Milliseconds since 1970.
    public var now: Int64

    /// A node by its parts.
    public init(
        name: String, inForce: String? = nil, tip: String? = nil, joined: String? = nil, looked: Int64 = -1,
        preview: Preview = .unknown, condition: Condition = .settling("it was not looked at"), now: Int64 = 0
    ) {
        self.name = name
        self.inForce = inForce
        self.tip = tip
        self.joined = joined
        self.looked = looked
        self.preview = preview
        self.condition = condition
        self.now = now
    }
}
