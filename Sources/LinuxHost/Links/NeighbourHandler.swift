import Model
import Netlink
import Planning

/// Adds and removes neighbours and forwarding entries: a vxlan's own, and the bridge's that lead to it.
struct NeighbourHandler: ObjectHandler {
    let host: NetlinkSocket

    var kinds: [ObjectKind] { [.neighbour, .forwarding] }

    func apply(_ changes: [Change]) async -> [OperationResult] {
        var indexes: [String: Int32] = [:]
        var batch = NetlinkBatch()
        // Removals first: what they free may be taken in the same batch.
        let order =
            changes.indices.filter { changes[$0].after == nil } + changes.indices.filter { changes[$0].after != nil }
        for index in order {
            let change = changes[index]
            let name = change.id.link
            if indexes[name] == nil { indexes[name] = (try? host.link(.name(name)))?.index }
            guard let link = indexes[name] else {
                // What was on a link that is gone went with it.
                if change.after != nil {
                    batch.fail(
                        index,
                        Diagnostic(code: "no-such-link", "there is no link \(name)", resource: change.resource))
                }
                continue
            }
            for request in change.id.kind == .neighbour ? neighbour(change, link) : forwarding(change, link) {
                batch.add(request, of: index, on: host, forgivesAbsence: change.after == nil)
            }
        }
        batch.send()
        return batch.results(changes.count)
    }

    private func neighbour(_ change: Change, _ link: Int32) -> [NetlinkRequest] {
        guard let address = IPAddress(change.id.name) else { return [] }
        guard let mac = change.after?.string(.mac).flatMap({ MACAddress($0) }) else {
            return [NeighbourRequest.delete(address, index: link)]
        }
        // In place of any: what was learned in the meantime counts for less.
        return [
            NeighbourRequest.add(address, macAddress: mac, index: link, protocolNumber: Mark.protocol, replace: true)
        ]
    }

    private func forwarding(_ change: Change, _ link: Int32) -> [NetlinkRequest] {
        guard let mac = MACAddress(change.id.name) else { return [] }
        var requests: [NetlinkRequest] = []
        guard let destination = change.after?.string(.destination).flatMap({ IPAddress($0) }) else {
            if change.before?.string(.destination) != "" {
                requests.append(NeighbourRequest.deleteForwarding(mac, index: link, flags: .own))
            }
            if change.before?.bool(.bridged) == true {
                requests.append(NeighbourRequest.deleteForwarding(mac, index: link, flags: .master))
            }
            return requests
        }
        let fields = Set(change.fields.map(\.name))
        let isNew = change.action != .update
        if isNew || fields.contains(.destination) {
            requests.append(
                NeighbourRequest.addForwarding(
                    mac, index: link, flags: .own, destination: destination, replace: true))
        }
        if isNew || fields.contains(.bridged) {
            requests.append(NeighbourRequest.addForwarding(mac, index: link, flags: .master, replace: true))
        }
        return requests
    }
}
