import Model
import Netlink
import Planning

/// What is set on a link that exists: on a new one all that its creation cannot carry, on an old one what differs.
struct LinkSettings {
    private let object: KernelObject
    private let isNew: Bool
    /// A pair's outer end comes with the inner one, and is given nothing of its own then.
    private let isOuterEnd: Bool
    private let changed: Set<FieldName>

    init(_ change: Change, _ object: KernelObject) {
        self.object = object
        isNew = change.action != .update
        isOuterEnd = object.string(.type) == "veth" && object[.peer] == nil
        changed = Set(change.fields.map(\.name))
    }

    /// What is set on a bridge's port.
    private static let portFields: Set<FieldName> = [.hairpin, .isolated, .portLearning, .flood]

    private func isWanted(_ field: FieldName, atCreation: Bool = false) -> Bool {
        isNew ? !atCreation : changed.contains(field)
    }

    /// Queues the requests. `indexOf` gives the index of a link of the host by its name.
    func queue(
        _ batch: inout NetlinkBatch, operation: Int, on socket: NetlinkSocket, indexOf: (String) -> Int32?
    ) {
        var attributes = LinkAttributes()
        if isWanted(.alias) { attributes.alias = object.string(.alias) }
        if isWanted(.group, atCreation: true) { attributes.group = object.int(.group).map(UInt32.init) }
        if isWanted(.mtu, atCreation: true) { attributes.mtu = object.int(.mtu).map(UInt32.init) }
        if isWanted(.mac, atCreation: !isOuterEnd) {
            attributes.macAddress = object.string(.mac).flatMap { MACAddress($0) }
        }
        if isWanted(.linkLocal), let linkLocal = object.bool(.linkLocal) {
            // The kernel's default needs no telling on a new link.
            if !isNew || !linkLocal {
                attributes.ipv6AddressGeneration = linkLocal ? .eui64 : IPv6AddressGeneration.none
            }
        }
        if isWanted(.master), let master = object.string(.master) {
            guard let index = master.isEmpty ? 0 : indexOf(master) else {
                batch.fail(operation, Diagnostic(code: "no-such-link", "there is no link \(master) to be a port of"))
                return
            }
            attributes.master = index
        }
        let reference = LinkReference.name(object.id.name)
        if attributes != LinkAttributes() {
            batch.add(LinkRequest.set(reference, attributes), of: operation, on: socket)
        }
        if !isNew, let settings = VxlanSettings.changed(object, changed) {
            batch.add(LinkRequest.configure(reference, settings), of: operation, on: socket)
        }
        // A port that changes its bridge starts with that bridge's defaults.
        let isNewPort = isWanted(.master) && object.string(.master)?.isEmpty == false
        if object[.hairpin] != nil, isNewPort || !Self.portFields.isDisjoint(with: changed) {
            let port = BridgePortAttributes(
                hairpin: object.bool(.hairpin), isolated: object.bool(.isolated),
                learning: object.bool(.portLearning), unicastFlood: object.bool(.flood))
            batch.add(LinkRequest.configurePort(reference, port), of: operation, on: socket)
        }
    }
}
