import CLinux

/// A notification of a route socket, decoded.
public enum RouteEvent: Hashable, Sendable {
    /// A link was made or changed.
    case link(LinkMessage)
    /// A link was removed.
    case linkRemoved(LinkMessage)
    /// A link became or changed as a bridge's port; see ``LinkMessage/isPortOnly``.
    case bridgePort(LinkMessage)
    /// A link left its bridge.
    case bridgePortRemoved(LinkMessage)
    /// An address was added or changed.
    case address(AddressMessage)
    /// An address was removed.
    case addressRemoved(AddressMessage)
    /// A route was added or changed.
    case route(RouteMessage)
    /// A route was removed.
    case routeRemoved(RouteMessage)
    /// A neighbour or forwarding entry was added or changed.
    case neighbour(NeighbourMessage)
    /// A neighbour or forwarding entry was removed.
    case neighbourRemoved(NeighbourMessage)
    /// A namespace got an id here.
    case namespaceID(NamespaceIDMessage)
    /// A namespace lost its id here.
    case namespaceIDRemoved(NamespaceIDMessage)
    /// Settings of a link changed (`RTM_NEWNETCONF` of `linux/netconf.h`), by its index; below 0 those for all links or
    /// for new ones.
    case settings(Int32)

    /// Reads a message that ``NetlinkSocket/receiveEvents(_:)`` handed out; `nil` for any other, and for garbage.
    public init?(_ header: MessageHeader, _ payload: RawSpan) {
        let event: RouteEvent? =
            switch header.type {
            case Int(RTM_NEWLINK): LinkMessage(payload).map { $0.isPortOnly ? .bridgePort($0) : .link($0) }
            case Int(RTM_DELLINK):
                LinkMessage(payload).map { $0.isPortOnly ? .bridgePortRemoved($0) : .linkRemoved($0) }
            case Int(RTM_NEWADDR): AddressMessage(payload).map(Self.address)
            case Int(RTM_DELADDR): AddressMessage(payload).map(Self.addressRemoved)
            case Int(RTM_NEWROUTE): RouteMessage(payload).map(Self.route)
            case Int(RTM_DELROUTE): RouteMessage(payload).map(Self.routeRemoved)
            case Int(RTM_NEWNEIGH): NeighbourMessage(payload).map(Self.neighbour)
            case Int(RTM_DELNEIGH): NeighbourMessage(payload).map(Self.neighbourRemoved)
            case Int(RTM_NEWNSID): NamespaceIDMessage(payload).map(Self.namespaceID)
            case Int(RTM_DELNSID): NamespaceIDMessage(payload).map(Self.namespaceIDRemoved)
            case Int(RTM_NEWNETCONF): Self.settingsIndex(payload).map(Self.settings)
            default: nil
            }
        guard let event else { return nil }
        self = event
    }

    /// `struct netconfmsg` is one byte; attributes start at the next multiple of four.
    private static func settingsIndex(_ payload: RawSpan) -> Int32? {
        var index: Int32?
        payload.forEachAttribute(from: 4) { type, value in
            if type == NETCONFA_IFINDEX { index = value.i32() }
        }
        return index
    }
}
