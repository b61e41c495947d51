import Testing

/// What the kernel can change on a living container is changed on it.
@Suite(.serialized, .kernel) struct InPlaceTests {
    private let pause = ["sleep", "600"]

    private func site(_ host: TestHost, web: String, other: String, network: String = "") -> String {
        Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]", network)
            + host.container("web", "networks: [{ name: front, ipv4: 10.20.0.10 }]", "ports: \(web)")
            + host.container("other", "networks: [{ name: front, ipv4: 10.20.0.11 }]", "ports: \(other)")
    }

    /// The client sees by its page which container answers.
    private func name(_ host: TestHost, _ port: Int) throws -> String? {
        let page = try host.http("127.0.0.1:\(port)", "/cgi-bin/name", patience: 10)
        return page.code == 0 ? page.text : nil
    }

    @Test func portsComeMoveAndGo() throws {
        try withHost { host in
            try host.write(site(host, web: "[]", other: "[]"))
            try host.apply()
            try host.awaitHTTP("10.20.0.10:80")
            try host.awaitHTTP("10.20.0.11:80")
            let pids = try ["web", "other"].map { try host.pid($0) }
            func change(_ web: String, _ other: String, expecting names: [Int: String?]) throws {
                try host.write(site(host, web: web, other: other))
                let plan = try host.plan()
                // Only the firewall, and route_localnet with the first and last port.
                let others = plan.changes.filter {
                    !$0.object.hasPrefix("firewall") && !$0.object.contains("route_localnet")
                }
                #expect(others.isEmpty, "\(plan)")
                #expect(try host.applyOperations() == plan.operations)
                try host.expectConverged()
                for (port, name) in names { #expect(try self.name(host, port) == name, "\(port)") }
                #expect(try ["web", "other"].map { try host.pid($0) } == pids)
            }
            try change("['8080:80']", "[]", expecting: [8080: "web"])
            try change("['8080:80', '8081-8083:80']", "[]", expecting: [8080: "web"])
            try change("['8080:80']", "['8081:80']", expecting: [8080: "web", 8081: "other"])
            // Both change hands in one pass.
            try change("['8081:80']", "['8080:80']", expecting: [8080: "other", 8081: "web"])
            try change("['127.0.0.1:8081:80']", "[]", expecting: [8080: nil, 8081: "web"])
            try change("[]", "[]", expecting: [8080: nil, 8081: nil])
        }
    }

    @Test func networksChangeInPlace() throws {
        try withHost { host in
            try host.write(site(host, web: "['8080:80']", other: "[]"))
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            let pids = try ["web", "other"].map { try host.pid($0) }
            for spec in [
                "mtu: 1400", "ipv6: true", "bridge: { icc: false }", "bridge: { gatewayMode: nat-unprotected }",
            ] {
                try host.write(site(host, web: "['8080:80']", other: "[]", network: spec))
                let plan = try host.plan()
                #expect(try host.applyOperations() == plan.operations, "\(spec)")
                try host.expectConverged()
                #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1", "\(spec)")
                #expect(try ["web", "other"].map { try host.pid($0) } == pids, "\(spec)")
            }
        }
    }

    /// Other subnets, and back: nobody is started anew, and all find each other and the outside again.
    @Test(arguments: [true, false]) func aNetworkGetsAnotherPool(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1)
            func site(_ subnets: String) -> String {
                Manifest.network("front", "subnets: [\(subnets)]")
                    + host.container("web", "networks: [front]", "ports: ['8080:80']")
                    + host.container("near", command: pause, "networks: [front]")
            }
            try host.write(site("{ subnet: 10.20.0.0/24 }"))
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            let pids = try ["web", "near"].map { try host.pid($0) }
            for (subnets, family) in [
                ("{ subnet: 10.30.0.0/24 }", 4), ("{ subnet: 10.30.0.0/24 }, { subnet: 'fd00:30::/64' }", 6),
                ("{ subnet: 10.30.0.0/24 }, { subnet: 'fd00:31::/64' }", 6), ("{ subnet: 10.30.0.0/25 }", 4),
                ("{ subnet: 'fd00:31::/64' }", 0), ("{ subnet: 10.20.0.0/24 }", 4),
            ] {
                try host.write(site(subnets))
                let plan = try host.plan()
                #expect(try host.applyOperations() == plan.operations, "\(subnets)")
                try host.expectConverged()
                #expect(try ["web", "near"].map { try host.pid($0) } == pids, "\(subnets)")
                if family != 0 {
                    #expect(
                        try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4, "\(subnets)")
                    #expect(
                        try host.client(of: "\(host.address("web")):80", from: .sandbox("near")) == host.address("near")
                    )
                }
                if family != 4 {
                    let address = try host.address("web", "ipv6")
                    #expect(
                        try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6,
                        "\(subnets)")
                    #expect(
                        try host.client(of: "[\(address)]:80", from: .sandbox("near")) == host.address("near", "ipv6"))
                    #expect(try host.sh("nsenter -t \(pids[0]) -m cat /etc/hosts").contains("\(address) web"))
                }
            }
        }
    }

    @Test func aContainerJoinsAndLeavesNetworks() throws {
        try withHost { host in
            func site(_ networks: String) -> String {
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]")
                    + Manifest.network("back", "subnets: [{ subnet: 10.21.0.0/24 }]")
                    + host.container("web", "networks: \(networks)")
                    + host.container("far", command: pause, "networks: [back]")
            }
            try host.write(site("[{ name: front, interface: lan0 }]"))
            try host.apply()
            let pid = try host.pid("web")
            try host.write(site("[{ name: front, interface: lan0 }, { name: back, interface: lan1 }]"))
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("\(try host.address("web", network: "back")):80", from: .sandbox("far"))
            try host.write(site("[{ name: back, interface: lan1 }]"))
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("\(try host.address("web", network: "back")):80", from: .sandbox("far"))
            #expect(try host.sh("ip -o link", in: .sandbox("web")).lines.count == 2)
            #expect(try host.sh("ip route show default", in: .sandbox("web")).contains("10.21.0.1"))
            #expect(try host.pid("web") == pid)
        }
    }

    @Test func aNewCommandReplacesTheProcessInItsSandbox() throws {
        try withHost { host in
            try host.write(site(host, web: "['8080:80']", other: "[]"))
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            let (web, other) = (try host.pid("web"), try host.pid("other"))
            let kept = try host.sh("stat -c %i /run/netns/reconcile-web; ip -o link; nft list ruleset")
            let text = Files.read(host.manifests + "/site.yaml")
            try host.write(
                text.replacing("name: web }\nspec:", with: "name: web }\nspec:\n  environment: { NEW: value }"))
            let plan = try host.plan()
            #expect(plan.operations == ["delete+create process web"], "\(plan)")
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:8080")
            #expect(try host.pid("web") != web)
            #expect(try host.pid("other") == other)
            #expect(try host.sh("stat -c %i /run/netns/reconcile-web; ip -o link; nft list ruleset") == kept)
        }
    }
}
