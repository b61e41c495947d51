import CLinux

/// A pair of links joined back to back: `VETH_INFO_…` of `linux/veth.h`.
public struct Veth: LinkKind {
    /// `veth`.
    public static let kind = "veth"

    /// What the other end is made with: name, MTU, MAC, group, namespace, queues.
    ///
    /// `isUp` is left out: the kernel makes the peer first, and refuses to open an end that has no other yet
    /// (`ENOTCONN`, `veth_open` in `drivers/net/veth.c`). Set it up in its own namespace.
    public var peer: LinkAttributes

    /// A pair with that other end.
    public init(peer: LinkAttributes) { self.peer = peer }

    /// Writes the peer: a whole `struct ifinfomsg` with its attributes.
    public func encode(into writer: inout MessageWriter) {
        var peer = peer
        peer.isUp = nil
        writer.nested(Int(VETH_INFO_PEER)) { peer.encode(into: &$0) }
    }
}
