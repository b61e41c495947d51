import Glibc
import Model
import Netlink
import Planning

/// Forgets the tracked connections of UDP ports whose translation changes.
///
/// UDP has no end of connection: a client that keeps sending would keep its old translation, or none, for as long as
/// its entry lives.
struct ConntrackFlush {
    let socket: NetlinkSocket

    /// Flushes for changes that were carried out.
    func flush(_ changes: [Change]) {
        let ports = Set(
            changes.compactMap { change -> UInt16? in
                guard let element = FirewallElement(name: change.id.name), element.set.hasPrefix("ports"),
                    element.key.suffix(2).first == "udp"
                else { return nil }
                return element.key.last.flatMap { UInt16($0) }
            })
        guard !ports.isEmpty else { return }
        let udp = UInt8(Int(IPPROTO_UDP))
        let stale = try? socket.connections { connection in
            connection.original.protocolNumber == udp
                && connection.original.destinationPort.map(ports.contains) == true
        }
        _ = socket.transact((stale ?? []).map(ConntrackRequest.delete))
    }
}
