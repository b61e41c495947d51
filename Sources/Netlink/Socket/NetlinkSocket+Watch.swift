import CLinux
import Glibc

extension NetlinkSocket {
    /// Subscribes to multicast groups (`RTNLGRP_…` of `linux/rtnetlink.h`), and makes room for a burst of 4 MiB.
    ///
    /// Keep such a socket for watching: any other operation on it drops the notifications that are queued.
    public func join(_ groups: [MulticastGroup]) throws(NetlinkError) {
        try bindToKernelsChoice()
        growReceiveBuffer(to: 4 << 20)
        for group in groups {
            try set(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, Int32(group.number), "NETLINK_ADD_MEMBERSHIP")
        }
    }

    /// Gives the socket a port id. Without one it counts as the kernel's own, to whom nothing is announced
    /// (`do_one_broadcast` in `net/netlink/af_netlink.c`); a request would give it one, too.
    private func bindToKernelsChoice() throws(NetlinkError) {
        var own = sockaddr_nl()
        own.nl_family = sa_family_t(AF_NETLINK)
        let size = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let result = withUnsafePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard result == 0 else { throw NetlinkError(.socket, errno: errno, message: "bind") }
    }

    /// Hears the groups in every namespace that has an id in this one, too (`NETLINK_LISTEN_ALL_NSID`).
    ///
    /// Needs `CAP_NET_BROADCAST`.
    public func listenToAllNamespaces() throws(NetlinkError) {
        try set(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1, "NETLINK_LISTEN_ALL_NSID")
    }

    /// Hands out the notifications that are queued, 1,024 datagrams at most, without waiting for more.
    ///
    /// `body` gets the id of the namespace that an event is from, `nil` for the socket's own. Returns the number of
    /// messages. Throws `.lostEvents` once where some were dropped; the socket goes on working.
    @discardableResult
    public func receiveEvents(
        _ body: (_ header: MessageHeader, _ namespace: Int32?, _ payload: RawSpan) -> Void
    ) throws(NetlinkError) -> Int {
        try state.withLock { (state) throws(NetlinkError) -> Int in
            var total = 0
            for _ in 0..<1_024 {
                guard let datagram = try receiveEvent(into: &state.buffer) else { break }
                state.buffer.forEachMessage(in: datagram.count) {
                    header, payload in
                    body(header, datagram.namespace, payload)
                    total += 1
                }
            }
            return total
        }
    }

    private func receiveEvent(
        into buffer: inout ReceiveBuffer
    ) throws(NetlinkError) -> (count: Int, namespace: Int32?)? {
        while true {
            var sender = sockaddr_nl()
            // Room for one control message that holds an Int32: CMSG_SPACE(4) is 24 bytes on 64-bit Linux.
            var control = [UInt8](repeating: 0, count: 32)
            var controlLength = 0
            let count = buffer.withBytes { buffer in
                var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                return control.withUnsafeMutableBytes { control in
                    withUnsafeMutablePointer(to: &sender) { sender in
                        withUnsafeMutablePointer(to: &vector) { vector in
                            var message = msghdr()
                            message.msg_name = UnsafeMutableRawPointer(sender)
                            message.msg_namelen = socklen_t(MemoryLayout<sockaddr_nl>.size)
                            message.msg_iov = vector
                            message.msg_iovlen = 1
                            message.msg_control = control.baseAddress
                            message.msg_controllen = control.count
                            let count = recvmsg(descriptor, &message, Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC))
                            controlLength = Int(message.msg_controllen)
                            return count
                        }
                    }
                }
            }
            switch count {
            case 0... where sender.nl_pid != 0: break
            case 0...ReceiveBuffer.size: return (count, Self.namespace(control, length: controlLength))
            case 0...: throw NetlinkError(.lostEvents, errno: EMSGSIZE)
            case _ where errno == EINTR: break
            case _ where errno == EAGAIN: return nil
            case _ where errno == ENOBUFS: throw NetlinkError(.lostEvents, errno: ENOBUFS)
            default: throw NetlinkError(.socket, errno: errno, message: "recvmsg")
            }
        }
    }

    /// The namespace id in the control messages (`cmsg(3)`: length, level and type, then the data).
    static func namespace(_ control: [UInt8], length: Int) -> Int32? {
        let bytes = control.span.bytes
        let header = MemoryLayout<cmsghdr>.size
        guard length >= header + 4, let level = bytes.i32(at: 8), let type = bytes.i32(at: 12),
            level == SOL_NETLINK, type == NETLINK_LISTEN_ALL_NSID
        else { return nil }
        return bytes.i32(at: header)
    }
}
