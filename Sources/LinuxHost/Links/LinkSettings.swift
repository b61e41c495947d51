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
    /// It gets IPv6 back with a larger MTU.
    private let regainsIPv6: Bool

    /// Below it the kernel takes IPv6 off a link with all its settings, refuses any, and above it gives it back with the
    /// defaults (NETDEV_CHANGEMTU in net/ipv6/addrconf.c). RFC 8200, section 5.
    static let minimumIPv6MTU = 1280

    init(_ change: Change, _ object: KernelObject) {
        self.object = object
        isNew = change.action != .update
        isOuterEnd = object.string(.type) == "veth" && object[.peer] == nil
        changed = Set(change.fields.map(\.name))
        let before = change.action == .update ? change.before?.int(.mtu) : nil
        regainsIPv6 = before.map { $0 < Self.minimumIPv6MTU } ?? false && Self.hasIPv6(object)
    }

    private static func hasIPv6(_ object: KernelObject) -> Bool {
        object.int(.mtu).map { $0 >= minimumIPv6MTU } ?? true
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
        let reference = LinkReference.name(object.id.name)
        var attributes = LinkAttributes()
        if isWanted(.alias) { attributes.alias = object.string(.alias) }
        if isWanted(.group, atCreation: true) { attributes.group = object.int(.group).map(UInt32.init) }
        if isWanted(.mtu, atCreation: true) { attributes.mtu = object.int(.mtu).map(UInt32.init) }
        if isWanted(.mac, atCreation: !isOuterEnd) {
            attributes.macAddress = object.string(.mac).flatMap { MACAddress($0) }
        }
        // One request is looked at as a whole before any of it is done, and IPv6 would not be there yet.
        if regainsIPv6 {
            batch.add(LinkRequest.set(reference, attributes), of: operation, on: socket)
            attributes = LinkAttributes()
        }
        if isWanted(.linkLocal) || regainsIPv6, Self.hasIPv6(object), let linkLocal = object.bool(.linkLocal) {
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
