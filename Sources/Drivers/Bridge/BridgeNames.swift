import Model

/// The names of the links that the bridge driver makes. The kernel allows 15 bytes (IFNAMSIZ less the NUL).
enum BridgeNames {
    /// `br-NETWORK`; a longer name keeps its beginning and gets a hash.
    static func bridge(_ network: Network) -> String {
        if let name = network.bridge.name { return name }
        let name = "br-\(network.metadata.name)"
        guard name.utf8.count > 15 else { return name }
        return String(name.prefix(9)) + "-" + StableHash.hex(network.metadata.name, digits: 5)
    }

    /// The host's end of an endpoint's pair.
    static func veth(set: String, container: String, network: String) -> String {
        "veth" + StableHash.hex("\(set)/\(container)/\(network)", digits: 11)
    }
}
