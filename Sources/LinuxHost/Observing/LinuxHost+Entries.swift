import Model
import Netlink
import Planning

extension LinuxHost {
    /// The kinds of objects of which single ones can be read: for those of which a scope has tens of thousands.
    public static let singleKinds: Set<ObjectKind> = [.neighbour, .forwarding]

    /// Reads some objects of ``singleKinds``, and nothing else: a request or two each. What is not there is left out.
    /// `nil` where a link that they are on is gone or is not ours: then its scope is to be looked at.
    public func observe(entries ids: some Sequence<ObjectID>) throws(Diagnostic) -> Observation? {
        do throws(NetlinkError) { return try read(ids) } catch { throw NetlinkBatch.diagnostic(error) }
    }

    private func read(_ ids: some Sequence<ObjectID>) throws(NetlinkError) -> Observation? {
        var links: [String: LinkMessage] = [:]
        var messages: [NeighbourMessage] = []
        for id in ids {
            if links[id.link] == nil { links[id.link] = try socket.link(.name(id.link)) }
            guard let link = links[id.link] else { return nil }
            if let address = IPAddress(id.name) {
                if let entry = try socket.neighbour(address, index: link.index) { messages.append(entry) }
            } else if let mac = MACAddress(id.name) {
                for flags in link.master == nil ? [NeighbourFlags.own] : [.own, .master] {
                    let entry = try socket.forwardingEntry(mac, index: link.index, flags: flags)
                    if let entry, entry.index == link.index { messages.append(entry) }
                }
            }
        }
        let known = Array(links.values)
        index.add(known)
        let reading = LinkObjects(set: set, hostNames: index.names, others: .none(but: set))
        let byIndex = Dictionary(known.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        var observation = Observation()
        for entry in TunnelEntries.objects(messages, links: byIndex.mapValues(\.name)) {
            guard let link = byIndex[entry.index] else { continue }
            let (ownership, mark) = reading.ownership(link)
            if case .foreign = ownership { return nil }
            var object = entry.object
            object.owner = mark?.resource
            observation.insert(object, entry.isMarked ? ownership : .unmarked)
        }
        return observation
    }
}
