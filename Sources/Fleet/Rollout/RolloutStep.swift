/// What a node does next about a rollout.
public struct RolloutStep: Hashable, Sendable {
    /// What is to be done.
    public enum Action: Hashable, Sendable {
        /// Nothing, until something changes.
        case none
        /// The branch is to be asked.
        case look
        /// The commit of the branch is the one that is rolled out: to be remembered.
        case join(String)
        /// To find out what taking a commit would mean.
        case preview(String)
        /// To make a commit the one in force.
        case take(String)
        /// To be written to etcd.
        case write(RolloutWrite)
    }

    /// What is to be done.
    public var action: Action
    /// How the node stands; `nil` where it takes no part yet.
    public var state: RolloutProgress.State?
    /// Why, in a few words.
    public var reason: String

    init(_ action: Action, _ state: RolloutProgress.State?, _ reason: String = "") {
        self.action = action
        self.state = state
        self.reason = reason
    }
}
