import CLinux

/// A pair of links joined back to back: `VETH_INFO_…` of `linux/veth.h`.
public struct Veth: LinkKind {
    /// `veth`.
    public static let kind = "veth"

    /// What the other end is made with: name, MTU, MAC, group, namespace, up, queues.
    public var peer: LinkAttributes

    /// A pair with that other end.
    public init(peer: LinkAttributes) { self.peer = peer }

    /// Writes the peer: a whole `struct ifinfomsg` with its attributes.
    public func encode(into writer: inout MessageWriter) {
        writer.nested(Int(VETH_INFO_PEER)) { peer.encode(into: &$0) }
    }
}
