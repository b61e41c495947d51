import Testing

/// A segment that the host under test is on: another host as neighbour and router, and a server behind it.
struct LAN {
    let neighbour: Peer
    /// The host's link to it.
    let parent: String
    /// Behind the neighbour: only who has a default route over it gets there.
    let outside = "203.0.113.1"
    let outside6 = "2001:db8:113::1"

    /// The subnets of the segment, with the neighbour as gateway.
    var subnets: String {
        "subnets: [{ subnet: 10.99.9.0/24, gateway: \(neighbour.ipv4) }, "
            + "{ subnet: 'fd99:9::/64', gateway: '\(neighbour.ipv6)' }]"
    }
}

extension TestHost {
    /// Joins the host to a segment with a neighbour.
    func lan() throws -> LAN {
        let lan = LAN(neighbour: try connect("router", number: 9), parent: "up9")
        try sh(
            "ip addr add \(lan.outside)/32 dev lo; ip -6 addr add \(lan.outside6)/128 dev lo; ip link set lo up",
            in: lan.neighbour.place)
        return lan
    }

    /// Whether the kernel of this machine makes links of a kind; asked in a namespace of its own.
    func kernelHas(_ kind: String) throws -> Bool {
        let result = try attempt("unshare -n ip link add name probe type \(kind) \(kind == "vlan" ? "id 2" : "")")
        return !(result.errors + result.text).contains("Unknown device type")
    }

    /// The hardware address of a link of the host.
    func mac(of link: String, in place: Place = .host) throws -> String {
        let words = try sh("ip -o link show \(link)", in: place).split(separator: " ")
        guard let place = words.firstIndex(of: "link/ether"), place + 1 < words.count else { throw Failure(link) }
        return String(words[place + 1])
    }

    /// Waits until one address answers another's pings: a link that just came up may lose the first.
    func awaitPing(_ address: String, from place: Place) throws -> Bool {
        try eventually(within: .seconds(10)) { try pings(address, from: place) }
    }
}

extension Manifest {
    /// A network of another driver than bridge.
    static func network(_ name: String, driver: String, _ spec: String...) -> String {
        """
        ---
        apiVersion: reconcile/v1
        kind: Network
        metadata: { name: \(name) }
        spec:
          driver: \(driver)
        \(spec.map { "  \($0)\n" }.joined())
        """
    }
}
