import Model

/// Resources as manifests: only what differs from a default, in the order of the manifest reference.
public enum ManifestWriter {
    /// One document a resource.
    public static func documents(_ resources: ResourceSet) -> [JSONValue] {
        resources.networks.map { document("Network", $0.metadata, network($0)) }
            + resources.containers.map { document("Container", $0.metadata, container($0)) }
            + resources.services.map { document("Service", $0.metadata, service($0)) }
    }

    /// The same as one text of several YAML documents.
    public static func yaml(_ resources: ResourceSet) -> String {
        documents(resources).map(YAMLWriter.text).joined(separator: "---\n")
    }

    private static func document(_ kind: String, _ metadata: Metadata, _ spec: Members) -> JSONValue {
        var head = Members()
        head.add("name", metadata.name)
        head.add("labels", metadata.labels)
        head.add("annotations", metadata.annotations)
        return [
            "apiVersion": .string(Envelope.apiVersion), "kind": .string(kind), "metadata": head.json, "spec": spec.json,
        ]
    }

    private static func network(_ network: Network) -> Members {
        var spec = Members()
        if network.driver != "bridge" { spec.add("driver", network.driver) }
        spec.add(
            "subnets",
            network.subnets.map { subnet in
                var item = Members()
                item.add("subnet", subnet.prefix.description)
                item.add("gateway", subnet.gateway?.description)
                item.add("range", subnet.range?.description)
                item.add("reserved", subnet.reserved.map(\.description))
                return item.json
            })
        if !network.ipv4 { spec.add("ipv4", JSONValue.bool(false)) }
        spec.add("ipv6", network.ipv6)
        spec.add("internal", network.internal)
        spec.add("mtu", network.mtu)
        spec.add("bridge", bridge(network.bridge))
        var overlay = Members()
        overlay.add("vni", network.overlay.vni)
        if !network.overlay.icc { overlay.add("icc", JSONValue.bool(false)) }
        spec.add("overlay", overlay)
        spec.add("macvlan", sitting(network.macvlan.parent, network.macvlan.mode, .bridge))
        spec.add("ipvlan", sitting(network.ipvlan.parent, network.ipvlan.mode, .l2))
        spec.add("nodeSelector", network.nodeSelector)
        return spec
    }

    private static func bridge(_ options: BridgeOptions) -> Members {
        var bridge = Members()
        bridge.add("name", options.name)
        if !options.icc { bridge.add("icc", JSONValue.bool(false)) }
        if let mode = options.gatewayMode.common {
            if mode != .nat { bridge.add("gatewayMode", mode.rawValue) }
        } else {
            var modes = Members()
            modes.add("ipv4", options.gatewayMode.ipv4.rawValue)
            modes.add("ipv6", options.gatewayMode.ipv6.rawValue)
            bridge.add("gatewayMode", modes)
        }
        bridge.add("trustedInterfaces", options.trustedInterfaces)
        bridge.add("hostBinding", options.hostBinding?.description)
        var snat = Members()
        snat.add("ipv4", options.snat.ipv4?.description)
        snat.add("ipv6", options.snat.ipv6?.description)
        bridge.add("snat", snat)
        return bridge
    }

    private static func sitting<Mode: RawRepresentable<String> & Equatable>(
        _ parent: String?, _ mode: Mode, _ usual: Mode
    ) -> Members {
        var options = Members()
        options.add("parent", parent)
        if mode != usual { options.add("mode", mode.rawValue) }
        return options
    }
}
