import Model
import Netlink

/// What a watch must know to tell our things from those of others.
public struct WatchedHost: Sendable {
    /// The indexes of the host's links that are ours.
    public var links: Set<Int32> = []
    /// Those among them that are vxlans: of these the neighbours and forwarding entries matter.
    public var tunnels: Set<Int32> = []
    /// Containers by the id that the host has for the namespace of their sandbox.
    public var containers: [Int32: String] = [:]

    /// Nothing is ours.
    public init() {}

    /// What an event of a route socket means.
    enum Meaning {
        case ours(container: String?)
        case others
        case nobodys
    }

    /// Sorts an event. `namespace` is the id of the namespace that it is from; `nil`: the host's own.
    func meaning(of event: RouteEvent, namespace: Int32?) -> Meaning {
        if let namespace {
            // Of namespaces that hold no container of ours nothing is of interest.
            return containers[namespace].map { .ours(container: $0) } ?? .nobodys
        }
        switch event {
        case .link(let link), .linkRemoved(let link), .bridgePort(let link), .bridgePortRemoved(let link):
            return link.group == Mark.linkGroup || links.contains(link.index) ? .ours(container: nil) : .others
        case .address(let address), .addressRemoved(let address): return owner(of: address.index)
        case .route(let route), .routeRemoved(let route): return route.outputIndex.map(owner) ?? .others
        case .settings(let index): return index > 0 ? owner(of: index) : .others
        case .neighbour(let entry), .neighbourRemoved(let entry):
            return tunnels.contains(entry.index) ? .ours(container: nil) : .nobodys
        case .namespaceID, .namespaceIDRemoved: return .nobodys
        }
    }

    private func owner(of index: Int32) -> Meaning { links.contains(index) ? .ours(container: nil) : .others }
}
