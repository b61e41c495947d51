/// A transport protocol that ports belong to.
public enum TransportProtocol: String, Hashable, Comparable, Sendable, CaseIterable {
    case tcp
    case udp
    case sctp

    /// By name.
    public static func < (left: TransportProtocol, right: TransportProtocol) -> Bool { left.rawValue < right.rawValue }
}

/// One container port published on the host.
public struct PortMapping: Hashable, Sendable {
    /// The host's address; `nil`: all of them, in both families that the container has.
    public var address: IPAddress?
    /// The host port, or a range of which the first free one is taken; `nil`: an ephemeral port.
    public var host: ClosedRange<UInt16>?
    /// The container's port.
    public var container: UInt16
    /// tcp, udp or sctp.
    public var transport: TransportProtocol

    /// A published port.
    public init(
        address: IPAddress? = nil, host: ClosedRange<UInt16>?, container: UInt16, transport: TransportProtocol = .tcp
    ) {
        self.address = address
        self.host = host
        self.container = container
        self.transport = transport
    }
}
