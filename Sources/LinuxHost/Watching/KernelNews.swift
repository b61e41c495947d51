import Netlink

/// What a watch heard since it was last asked. It says where to look again, never what is there.
public struct KernelNews: Sendable {
    /// Something about a link, an address or a route of ours.
    public struct Notice: Sendable {
        /// The sandbox that it happened in; `nil`: the host.
        public let container: String?
        /// What was told.
        public let event: RouteEvent
    }

    /// What happened to what is ours, in order.
    public internal(set) var notices: [Notice] = []
    /// Notifications were lost, or there were too many to keep: anything may have happened.
    public internal(set) var isLost = false
    /// Our firewall table was changed by another process.
    public internal(set) var firewallChanged = false
    /// Rules of others were changed.
    public internal(set) var rulesChanged = false
    /// Links, addresses, routes or settings of the host that are not ours changed.
    public internal(set) var hostChanged = false
    /// Something was mounted or unmounted.
    public internal(set) var mountsChanged = false
    /// The names under which processes were followed of which one has ended.
    public internal(set) var ended: Set<String> = []
    /// Descriptors of others that were added to the watch and have become readable.
    public internal(set) var readable: Set<Int32> = []

    /// Nothing happened.
    public var isEmpty: Bool {
        notices.isEmpty && !isLost && !firewallChanged && !rulesChanged && !hostChanged && !mountsChanged
            && ended.isEmpty
            && readable.isEmpty
    }

    /// Nothing.
    public init() {}

    /// As many notices are kept; beyond that a full look is cheaper than going through them.
    static let limit = 4096

    mutating func add(_ notice: Notice) {
        guard notices.count < Self.limit else {
            notices = []
            isLost = true
            return
        }
        if !isLost { notices.append(notice) }
    }
}
