import Model
import Netlink

/// Makes objects of the neighbours and forwarding entries of vxlans.
enum TunnelEntries {
    struct Entry {
        let object: KernelObject
        /// Of the link that it is on.
        let index: Int32
        /// Bears our mark, or is of a kind of which the kernel keeps none.
        let isMarked: Bool
    }

    /// What somebody made; the kernel's own entries are left out. `links` are our vxlans and all else of ours, by index.
    static func objects(_ messages: [NeighbourMessage], links: [Int32: String]) -> [Entry] {
        guard !messages.isEmpty else { return [] }
        var entries: [Entry] = []
        entries.reserveCapacity(messages.count)
        var forwarding: [ObjectID: (index: Int32, destination: String, isBridged: Bool)] = [:]
        for message in messages {
            guard let link = links[message.index], let mac = message.macAddress else { continue }
            if !message.isForwarding {
                guard let address = message.destination, message.isPermanent else { continue }
                let object = neighbour(address, mac, message, link)
                entries.append(Entry(object: object, index: message.index, isMarked: isOurs(message)))
            } else if message.flags.contains(.own) {
                let text = message.destination?.description ?? ""
                forwarding[.forwarding(mac, on: link), default: (message.index, "", false)].destination = text
            } else if message.master != nil, message.isStatic {
                forwarding[.forwarding(mac, on: link), default: (message.index, "", false)].isBridged = true
            }
        }
        for (id, entry) in forwarding {
            let object = KernelObject(
                id, fields: [Field(.destination, .string(entry.destination)), Field(.bridged, .bool(entry.isBridged))],
                hangsOn: [.link(id.link)])
            entries.append(Entry(object: object, index: entry.index, isMarked: true))
        }
        return entries
    }

    private static func isOurs(_ message: NeighbourMessage) -> Bool { message.protocolNumber == Mark.protocol }

    private static func neighbour(
        _ address: IPAddress, _ mac: MACAddress, _ message: NeighbourMessage, _ link: String
    ) -> KernelObject {
        KernelObject(
            .neighbour(address, on: link),
            fields: [Field(.mac, .string(mac.description)), Field(.protocol, .int(Int(message.protocolNumber)))],
            hangsOn: [.link(link)])
    }
}

extension NamespaceSnapshot {
    /// Reads the entries of a link where it is a vxlan of ours: two dumps a network, none where there is no overlay.
    mutating func readTunnel(_ link: LinkMessage, _ socket: NetlinkSocket) throws(NetlinkError) {
        guard link.vxlan != nil, link.group == Mark.linkGroup || link.alias.flatMap({ Mark(alias: $0) }) != nil else {
            return
        }
        neighbours += try socket.neighbours(index: link.index)
        neighbours += try socket.forwardingEntries(index: link.index)
    }
}
