import Glibc
import Model
import Netlink
import Planning

/// Forgets the tracked connections of UDP ports whose translation changes: of a service's port those to the replicas that
/// it leads to no more.
///
/// UDP has no end of connection: a client that keeps sending would keep its old translation, or none, for as long as
/// its entry lives.
struct ConntrackFlush {
    let socket: NetlinkSocket

    /// Flushes for changes that were carried out.
    func flush(_ changes: [Change]) {
        let ports = Set(
            changes.compactMap { change -> UInt16? in
                guard let port = FirewallElement(name: change.id.name)?.published, port.transport == .udp else {
                    return nil
                }
                return port.port
            })
        let left = Set(changes.flatMap(Self.addressesLeft))
        guard !ports.isEmpty || !left.isEmpty else { return }
        let udp = UInt8(Int(IPPROTO_UDP))
        let stale = try? socket.connections { connection in
            connection.original.protocolNumber == udp
                && (connection.original.destinationPort.map(ports.contains) == true
                    || connection.isDestinationTranslated && !left.isEmpty
                        && left.contains(
                            Target(address: connection.reply.source, port: connection.reply.sourcePort ?? 0)))
        }
        _ = socket.transact((stale ?? []).map(ConntrackRequest.delete))
    }

    private struct Target: Hashable {
        let address: IPAddress
        let port: UInt16
    }

    /// What a chain that chooses replicas led to before a change and does not lead to after it.
    private static func addressesLeft(_ change: Change) -> [Target] {
        guard change.before != nil, change.id.name.hasPrefix("chain "),
            let chain = BalanceChain(String(change.id.name.dropFirst(6))), chain.transport == .udp
        else { return [] }
        func addresses(_ object: KernelObject?) -> Set<IPAddress> {
            Set((object?.list(.rules) ?? []).flatMap(BalanceChain.addresses))
        }
        return addresses(change.before).subtracting(addresses(change.after)).map {
            Target(address: $0, port: chain.port)
        }
    }
}
