import Model

extension OverlayDriver {
    /// A network from its vxlan, and from its bridge as the bridge driver reads it.
    static func recover(_ name: String, _ objects: [KernelObject], _ facts: HostFacts) -> Network? {
        guard let vxlan = objects.first(where: { $0.id.kind == .link && $0.string(.type) == "vxlan" }) else {
            return nil
        }
        let elements = objects.filter { $0.id.kind == .firewall && $0.id.name.hasPrefix("ingress") }
        let ingress = Set(elements.compactMap { $0.string(.target) })
        // The node's own address is no gateway.
        let rest = objects.filter { object in
            object.id.kind != .address
                || !(IPPrefix(object.id.name).map { ingress.contains($0.address.description) } ?? false)
        }
        guard var network = BridgeDriver.recover(name, rest, facts) else { return nil }
        network.driver = Self.name
        network.overlay.icc = network.bridge.icc
        network.bridge = BridgeOptions()
        network.mtu = vxlan.int(.mtu).flatMap { $0 == mtu(network, facts).bytes ? nil : $0 }
        let vni = vxlan.int(.vni)
        if vni != Int(OverlayNames.vni(network, facts)) { network.overlay.vni = vni }
        return network
    }
}
