import Testing

/// Services whose replicas are on several nodes of an overlay network.
@Suite(.serialized, .kernel) struct OverlayServiceTests {
    private static let replicas = ["pinger.1", "pinger.2", "pinger.3"]

    /// Replica 1 runs on node 1, replicas 2 and 3 on node 2, and none on node 3.
    private func start(_ fleet: OverlayFleet) throws {
        for (name, node) in zip(Self.replicas, [1, 2, 2]) {
            let number = name.suffix(1)
            fleet.members[name] = .init(node: node, addresses: ["10.50.0.1\(number)", "fd00:50::1\(number)"])
        }
        for number in 1...3 {
            let host = fleet.node(number)
            try host.write(
                Manifest.network(
                    "over", driver: "overlay", "overlay: { vni: 4097 }",
                    "subnets: [{ subnet: 10.50.0.0/24 }, { subnet: 'fd00:50::/64' }]"),
                host.service(
                    "pinger", replicas: 3, template: ["networks: [over]"],
                    "ports: ['9090:80', { host: 9091, container: 80, mode: host }]"),
                host.container(
                    "near", command: ["sleep", "600"],
                    "networks: [{ name: over, ipv4: 10.50.0.5\(number), ipv6: 'fd00:50::5\(number)' }]"))
            fleet.ingress[number] = ["10.50.0.20\(number)", "fd00:50::20\(number)"]
        }
        // `near` is another container on each node.
        for number in 1...3 {
            fleet.members["near"] = .init(node: number, addresses: ["10.50.0.5\(number)", "fd00:50::5\(number)"])
            try #require(try fleet.run(number).code == 0)
        }
        fleet.members["near"] = nil
        for (name, node) in zip(Self.replicas, [1, 2, 2]) {
            let address = fleet.members[name]?.addresses[0] ?? ""
            try fleet.node(node).awaitHTTP("\(address):80")
        }
    }

    private func run(_ fleet: OverlayFleet, _ number: Int, _ what: String = "apply") throws -> CommandResult {
        fleet.members["near"] = .init(node: number, addresses: ["10.50.0.5\(number)", "fd00:50::5\(number)"])
        defer { fleet.members["near"] = nil }
        return try fleet.run(number, what)
    }

    private func answering(
        _ fleet: OverlayFleet, _ node: Int, port: Int = 9090, requests: Int = 6, from place: TestHost? = nil
    ) throws -> [String: Int] {
        try (place ?? fleet.router).answering("\(fleet.underlay.address(node)):\(port)", requests: requests)
    }

    /// Asks until the answer is as expected: on a slow machine a request may take longer than it waits.
    private func expect<Answer: Equatable>(
        _ expected: Answer, _ what: String, source: SourceLocation = #_sourceLocation, _ ask: () throws -> Answer
    ) throws {
        var seen: Answer?
        let isSo = try eventually(within: .seconds(20)) {
            seen = try ask()
            return seen == expected
        }
        #expect(isSo, "\(what): \(String(describing: seen))", sourceLocation: source)
    }

    @Test(arguments: [true, false]) func everyNodeLeadsToAllReplicasThatAreReady(_ bridged: Bool) throws {
        try withFleet(.ipv4, bridged: bridged) { fleet in
            try start(fleet)
            let all = ["pinger.1": 2, "pinger.2": 2, "pinger.3": 2]
            for number in 1...3 {
                try expect(all, "n\(number) from outside") { try answering(fleet, number) }
                try expect(all, "n\(number) by loopback") {
                    try fleet.node(number).answering("127.0.0.1:9090", requests: 6)
                }
                try expect(all, "n\(number) from a container") {
                    try fleet.node(number).answering(
                        "\(fleet.underlay.address(number)):9090", requests: 6, from: .sandbox("near"))
                }
                // Nothing is left to do, and saying so writes nothing.
                let again = try run(fleet, number)
                #expect(again.code == 0 && again.operations.isEmpty && again.text.contains("writes 0"), "\(again)")
            }
            // One elsewhere is not well: its chain and its name follow, and nothing else.
            let pids = try pids(fleet)
            fleet.members["pinger.3"]?.isReady = false
            let planned = try run(fleet, 1, "plan").operations
            #expect(
                Set(planned) == ["update firewall chain service/pinger/80/tcp", "update name pinger.3 on over"],
                "\(planned)")
            for number in [1, 3] { #expect(try run(fleet, number).code == 0) }
            for number in [1, 3] {
                try expect(["pinger.1": 3, "pinger.2": 3], "n\(number)") { try answering(fleet, number) }
                try expect(["10.50.0.11", "10.50.0.12"], "n\(number)") { try names(fleet.node(number)) }
            }
            fleet.members["pinger.1"]?.isReady = false
            fleet.members["pinger.2"]?.isReady = false
            #expect(try run(fleet, 3).code == 0)
            try expect(true, "n3 refuses") { try fleet.router.http("192.0.3.2:9090").isRefused }
            for name in Self.replicas { fleet.members[name]?.isReady = true }
            for number in [1, 3] { #expect(try run(fleet, number).code == 0) }
            for number in [1, 3] {
                try expect(all, "n\(number)") { try answering(fleet, number) }
                try expect(["10.50.0.11", "10.50.0.12", "10.50.0.13"], "n\(number)") { try names(fleet.node(number)) }
            }
            #expect(try self.pids(fleet) == pids, "nobody was restarted")
        }
    }

    private func pids(_ fleet: OverlayFleet) throws -> [Int32] {
        try zip(Self.replicas, [1, 2, 2]).map { try fleet.node($1).pid($0) }
            + (1...3).map { try fleet.node($0).pid("near") }
    }

    /// The addresses of the service's name.
    private func names(_ host: TestHost) throws -> [String] {
        let text = try host.sh("dig +short +time=2 pinger @10.50.0.1 | sort", in: .sandbox("near"))
        return text.lines.map { String($0) }
    }

    /// A client's address is kept where the replica is on the node that it asked.
    @Test(arguments: OverlayFleet.Underlay.allCases, [true, false])
    func whomReplicasSee(_ underlay: OverlayFleet.Underlay, _ bridged: Bool) throws {
        try withFleet(underlay, bridged: bridged) { fleet in
            try start(fleet)
            func server(_ number: Int, _ port: Int) -> String {
                let address = underlay.address(number)
                return (address.contains(":") ? "[\(address)]" : address) + ":\(port)"
            }
            let router = underlay.gateway
            // The node's own replicas alone, and the client as it is.
            try expect(["pinger.1": 4], "n1") { try fleet.router.answering(server(1, 9091), requests: 4) }
            try expect(["pinger.2": 2, "pinger.3": 2], "n2") {
                try fleet.router.answering(server(2, 9091), requests: 4)
            }
            try expect(true, "n3 refuses") { try fleet.router.http(server(3, 9091)).isRefused }
            for number in [1, 2] {
                try expect(router(number), "n\(number)") { try fleet.router.client(of: server(number, 9091)) ?? "none" }
            }
            // By way of another node the client is that node, on the network.
            let own = underlay == .ipv4 ? "10.50.0.201" : "fd00:50::201"
            try expect(Set([router(1), own]), "n1 by the balance") {
                Set(try (0..<3).map { _ in try fleet.router.client(of: server(1, 9090)) ?? "none" })
            }
        }
    }
}
