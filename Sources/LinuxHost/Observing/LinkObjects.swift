import Model
import Netlink
import Planning

/// Makes kernel objects of link messages, and says whose they are.
struct LinkObjects {
    let set: String
    /// Names of the host's links by index, for masters and peers.
    let hostNames: [Int32: String]
    /// Another set's pass is under way: a link that has our group and no alias yet may be its.
    let others: OtherPasses

    /// Whose a link is.
    func ownership(_ link: LinkMessage) -> (Ownership, Mark?) {
        if let mark = link.alias.flatMap({ Mark(alias: $0) }) {
            if mark.set == set { return (.ours, mark) }
            return (.foreign("it belongs to \(mark.resource) of set \(mark.set)"), mark)
        }
        // Half-made, or its alias was overwritten: the group still says that it is one of reconcile's.
        if link.group == Mark.linkGroup { return (others.areActive ? .unmarked : .ours, nil) }
        return (.foreign("a \(link.kind ?? "network") link without a mark of reconcile"), nil)
    }

    /// A link of the host. `inner` is the end in a sandbox, where it is the outer end of a pair.
    func hostLink(_ link: LinkMessage, _ mark: Mark?, inner: ObjectID?) -> KernelObject {
        var fields = common(link) + [Field(.mac, .string(link.macAddress?.description ?? ""))]
        if link.kind == "bridge" {
            fields += marks(link) + [linkLocal(link), Field(.carrier, .bool(link.hasCarrier))]
        } else if let vlan = link.vlan {
            fields += [Field(.parent, .string(parent(link))), Field(.vlan, .int(Int(vlan.id))), linkLocal(link)]
            fields += marks(link)
        } else {
            fields.append(Field(.master, .string(link.master.map { hostNames[$0] ?? "#\($0)" } ?? "")))
            fields.append(Field(.hairpin, .bool(link.bridgePort?.hairpin ?? false)))
            fields.append(Field(.isolated, .bool(link.bridgePort?.isolated ?? false)))
            if let vxlan = link.vxlan { fields += Self.tunnel(vxlan, link) }
            fields += [linkLocal(link)] + marks(link)
        }
        return KernelObject(
            .link(link.name), owner: mark?.resource, fields: fields, hangsOn: inner.map { [$0] } ?? [],
            // The table's guards outlive the bridges that they guard.
            after: link.kind == "bridge" ? [.firewallTable] : [],
            keys: macKeys(link, mark) + (link.vxlan?.vni.map { [UniqueKey.vni($0)] } ?? []))
    }

    /// A link in a sandbox.
    func sandboxLink(_ link: LinkMessage, _ mark: Mark?, in sandbox: String) -> KernelObject {
        let below = link.parentNamespaceID == nil ? nil : link.parent.flatMap { hostNames[$0] }
        var fields = common(link)
        fields.append(Field(.mac, .string(link.macAddress?.description ?? "")))
        var hangsOn = [ObjectID.sandbox(sandbox)]
        var keys = macKeys(link, mark)
        if let mode = Self.mode(link) {
            fields += [Field(.parent, .string(below ?? "")), Field(.mode, .string(mode.name))]
            if let below { hangsOn.append(.link(below)) }
            // With the parent's own MAC it is told apart by other things.
            if !mode.hasOwnMAC { keys = [] }
            keys.append(UniqueKey.name(of: .link(link.name, in: sandbox)))
            if let below, mode.isAlone { keys.append(UniqueKey.wholeParent(below)) }
        } else {
            fields.append(Field(.peer, .string(below ?? "")))
            if let below { keys.insert("link \(below)", at: 0) }
        }
        fields += [linkLocal(link)] + marks(link)
        return KernelObject(
            .link(link.name, in: sandbox), owner: mark?.resource, fields: fields, hangsOn: hangsOn, keys: keys)
    }

    /// What a vxlan has beside other ports of a bridge.
    private static func tunnel(_ vxlan: Vxlan, _ link: LinkMessage) -> [Field] {
        let local = vxlan.local.flatMap { $0.isUnspecified ? nil : $0 }
        return [
            Field(.portLearning, .bool(link.bridgePort?.learning ?? true)),
            Field(.flood, .bool(link.bridgePort?.unicastFlood ?? true)),
            Field(.vni, .int(Int(vxlan.vni ?? 0))),
            Field(.underlay, .string(vxlan.local?.family == .ipv6 ? "ipv6" : "ipv4")),
            Field(.local, .string(local?.description ?? "")), Field(.port, .int(Int(vxlan.port ?? 0))),
            Field(.learning, .bool(vxlan.learning ?? false)), Field(.proxy, .bool(vxlan.proxy ?? false)),
        ]
    }

    private struct Mode {
        let name: String
        let hasOwnMAC: Bool
        let isAlone: Bool
    }

    /// How a macvlan or ipvlan works, in the words of manifests; `nil` for other links.
    private static func mode(_ link: LinkMessage) -> Mode? {
        if let macvlan = link.macvlan {
            let isAlone = macvlan.mode == .passthru
            return Mode(name: macvlan.mode.map { "\($0)" } ?? "", hasOwnMAC: !isAlone, isAlone: isAlone)
        }
        return link.ipvlan.map { Mode(name: $0.mode.map { "\($0)" } ?? "", hasOwnMAC: false, isAlone: false) }
    }

    private func parent(_ link: LinkMessage) -> String {
        link.parentNamespaceID == nil ? link.parent.flatMap { hostNames[$0] } ?? "" : ""
    }

    /// The link's MAC, which is unique in its network: the mark tells which that is.
    private func macKeys(_ link: LinkMessage, _ mark: Mark?) -> [String] {
        guard let mark, let mac = link.macAddress,
            let network = mark.network ?? (mark.resource.kind == .network ? mark.resource.name : nil)
        else { return [] }
        return [UniqueKey.mac(mac.description, in: network)]
    }

    private func common(_ link: LinkMessage) -> [Field] {
        [
            Field(.type, .string(link.kind ?? "")), Field(.mtu, .int(Int(link.mtu))), Field(.up, .bool(link.isUp)),
        ]
    }

    private func linkLocal(_ link: LinkMessage) -> Field {
        if let mode = link.ipv6AddressGeneration { return Field(.linkLocal, .bool(mode != .none)) }
        // The kernel keeps none for a link whose MTU is too small for IPv6, and without IPv6 makes no addresses at all.
        return Field(
            .linkLocal, link.mtu < LinkSettings.minimumIPv6MTU ? .unknown("with an MTU of 1280") : .bool(false))
    }

    private func marks(_ link: LinkMessage) -> [Field] {
        [Field(.group, .int(Int(link.group))), Field(.alias, .string(link.alias ?? ""))]
    }
}
