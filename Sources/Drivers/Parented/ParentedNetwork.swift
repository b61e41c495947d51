import Model

/// What the drivers macvlan and ipvlan share: each container has a link that sits on one link of the host, and is a
/// neighbour on its segment. Nothing passes the host's firewall, and nothing is published.
struct ParentedNetwork {
    let network: ResolvedNetwork
    /// The rtnetlink kind of the containers' links.
    let kind: String
    /// The kernel's word for how they reach each other.
    let mode: String
    let parent: ParentLink
    /// Whether a link has a MAC of its own, and not its parent's.
    let hasOwnMAC: Bool
    /// Whether the parent can have no other such link.
    var isAlone = false

    /// What the network has on the host: the parent, where it is made for it.
    func networkObjects(_ context: DriverContext) -> [KernelObject] {
        switch parent {
        case .existing: []
        case .vlan(let vlan): [vlanLink(vlan, context)]
        case .standIn(let name): [standIn(name, context)]
        }
    }

    /// Networks share it, so it is nobody's alone and goes with the last of them. It is up while the link below is: that
    /// is the kernel's own rule (vlan_device_event in net/8021q/vlan.c).
    private func vlanLink(_ vlan: VLANName, _ context: DriverContext) -> KernelObject {
        let owner = ResourceID.host(vlan.description)
        let below = context.facts.links?[vlan.base]
        return KernelObject(
            .link(vlan.description), owner: owner,
            fields: [
                Field(.type, "vlan"), Field(.mtu, .int(below?.mtu ?? context.facts.defaultMTU)),
                Field(.up, .bool(below?.isUp ?? true)), Field(.parent, .string(vlan.base)), Field(.vlan, .int(vlan.id)),
                Field(.linkLocal, false), Field(.group, .int(Int(Mark.linkGroup))),
                Field(.alias, .string(Mark(set: context.set, resource: owner).alias)),
            ], after: [.link(vlan.base)], source: network.network.metadata.position(of: "\(kind).parent"),
            follows: [.mtu: vlan.base, .up: vlan.base])
    }

    /// Its MAC is the kernel's choice: with another one later it would lose its carrier (br_stp_change_bridge_id in
    /// net/bridge/br_stp_if.c), and with it the links above.
    private func standIn(_ name: String, _ context: DriverContext) -> KernelObject {
        let owner = network.network.id
        return KernelObject(
            .link(name), owner: owner,
            fields: [
                Field(.type, "bridge"), Field(.mtu, .int(network.mtu)), Field(.up, true), Field(.carrier, true),
                Field(.group, .int(Int(Mark.linkGroup))),
                Field(.alias, .string(Mark(set: context.set, resource: owner, role: Mark.standIn).alias)),
                Field(.linkLocal, false),
            ], source: network.network.metadata.position, fieldSources: network.linkSources, follows: network.follows)
    }

    /// What an endpoint has: all of it is inside the sandbox.
    func endpointObjects(_ endpoint: Endpoint, _ context: DriverContext) -> [KernelObject] {
        let container = endpoint.container.metadata.name
        let owner = endpoint.container.id
        let source = endpoint.container.metadata.position(of: "networks[\(endpoint.index)]")
        let mac = endpoint.mac.description
        let alias = Mark(set: context.set, resource: owner, network: network.name).alias
        let link = KernelObject(
            .link(endpoint.interface, in: container), owner: owner,
            fields: [Field(.type, .string(kind)), Field(.mtu, .int(network.mtu)), Field(.up, true)]
                + (hasOwnMAC ? [Field(.mac, .string(mac))] : []) + [
                    Field(.parent, .string(parent.name)), Field(.mode, .string(mode)),
                    Field(.linkLocal, .bool(endpoint.address(.ipv6) != nil)),
                    Field(.group, .int(Int(Mark.linkGroup))), Field(.alias, .string(alias)),
                ],
            hangsOn: [.sandbox(container)] + (parent.isOurs ? [.link(parent.name)] : []),
            after: parent.isOurs ? [] : [.link(parent.name)],
            keys: [UniqueKey.name(of: .link(endpoint.interface, in: container))]
                + (hasOwnMAC ? [UniqueKey.mac(mac, in: network.name)] : [])
                + (isAlone ? [UniqueKey.wholeParent(parent.name)] : []),
            source: source,
            fieldSources: network.linkSources.merging(
                [.mode: network.network.metadata.position(of: "\(kind).mode")].compactMapValues { $0 }
            ) { own, _ in own }, follows: network.follows)
        return [link] + EndpointAddressing.objects(endpoint, network, on: link.id, source)
    }

    /// A word about what will not work yet, where nothing is in the way of making it.
    func warnings(_ context: DriverContext) -> [Diagnostic] {
        let name = if case .vlan(let vlan) = parent { vlan.base } else { parent.name }
        guard let link = context.facts.links?[name], !link.isUp else { return [] }
        return [
            Diagnostic(
                .warning, code: "parent-down", "\(name) is down: nothing passes until somebody sets it up",
                hint: "ip link set \(name) up", resource: network.network.id,
                position: network.network.metadata.position(of: "\(kind).parent"))
        ]
    }
}
