import Model

/// Who beside this set holds ports of the host: processes, and other sets.
struct HostPortHolders {
    private struct Place: Hashable {
        let transport: TransportProtocol
        let port: UInt16
    }

    private let listeners: [HostFacts.Listener]
    private let hasIPv6Loopback: Bool
    /// Another set may have thousands.
    private let ofSets: [Place: [PortOfAnotherSet]]
    /// Nobody holds any.
    let isEmpty: Bool

    init(_ facts: HostFacts) {
        listeners = facts.listeners
        hasIPv6Loopback = facts.hasIPv6Loopback
        ofSets = Dictionary(grouping: facts.portsOfOtherSets) {
            Place(transport: $0.port.transport, port: $0.port.host)
        }
        isEmpty = listeners.isEmpty && ofSets.isEmpty
    }

    /// Whether somebody has a port at any address: then it is not chosen.
    func holdsAny(_ port: UInt16, _ transport: TransportProtocol) -> Bool {
        listeners.contains { $0.port == port && $0.transport == transport }
            || ofSets[Place(transport: transport, port: port)] != nil
    }

    /// The process that keeps a port from being published. What is in our maps already takes packets before any process
    /// does; but on ::1 the forwarder is a process like others, so somebody else's socket there is always in the way.
    func process(at port: PublishedPort, isOurs: Bool) -> HostFacts.Listener? {
        listeners.first { listener in
            guard listener.port == port.host, listener.transport == port.transport else { return false }
            let (held, isIPv6) = (listener.address, listener.address.family == .ipv6)
            if port.isForwarded, hasIPv6Loopback, isIPv6, held.isLoopback || held.isUnspecified { return true }
            if isOurs { return false }
            if held.isUnspecified { return held.family == port.family || isIPv6 }
            return held.family == port.family && (port.address == nil ? !held.isLoopback : held == port.address)
        }
    }

    /// The port of another set that a port cannot be had beside: at the same address, or where one of them is for all.
    func set(at port: PublishedPort) -> PortOfAnotherSet? {
        ofSets[Place(transport: port.transport, port: port.host)]?.first { other in
            let held = other.port
            return held.family == port.family
                && (held.address == nil || port.address == nil || held.address == port.address)
        }
    }
}
