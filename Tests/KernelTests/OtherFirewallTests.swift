import Testing

/// Firewalls of others on the same host: what they drop is told with what opens it, and never changed by us; and what
/// they do to their own rules does nothing to ours.
@Suite(.serialized, .kernel) struct OtherFirewallTests {
    private func site(_ host: TestHost) -> String {
        Manifest.network("front", dual(20)) + host.container("web", "networks: [front]", "ports: ['8080:80']")
            + host.container("near", command: ["sleep", "600"], "networks: [front]")
    }

    /// A host with a client outside, and the manifests applied.
    private func prepare(_ host: TestHost) throws -> Peer {
        let client = try host.connect("client", number: 1, usesAsRouter: true)
        try host.serveDatagrams(port: 7, name: "outside", in: client.place)
        try host.write(site(host))
        try host.apply()
        try host.awaitHTTP("127.0.0.1:8080")
        return client
    }

    /// Everything goes through, in both families.
    private func expectOpen(_ host: TestHost, _ client: Peer, source: SourceLocation = #_sourceLocation) throws {
        #expect(
            try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4, sourceLocation: source)
        #expect(
            try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6, sourceLocation: source)
        #expect(
            try host.datagram(client.ipv4, port: 7, from: .sandbox("web")) == "outside sees \(client.hostIPv4)",
            sourceLocation: source)
        #expect(
            try host.datagram(client.ipv6, port: 7, from: .sandbox("web")) == "outside sees \(client.hostIPv6)",
            sourceLocation: source)
        #expect(
            try host.http("\(try host.address("web")):80", from: .sandbox("near"), patience: 10).code == 0,
            sourceLocation: source)
        #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1", sourceLocation: source)
    }

    private func isOpen(_ host: TestHost, _ client: Peer, patience: Int = 1) throws -> Bool {
        try host.http("\(client.hostIPv4):8080", from: client.place, patience: patience).code == 0
    }

    @Test(arguments: [true, false]) func iptablesWithAPolicy(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try prepare(host)
            try host.sh("iptables -P FORWARD DROP; ip6tables -P FORWARD DROP")
            #expect(try !isOpen(host, client))
            let warnings = try host.warnings()
            #expect(warnings.count == 2, "\(warnings)")
            #expect(warnings.first?.message.contains("(policy drop)") == true)
            // Only where bridged packets pass the firewall are neighbours concerned.
            #expect(warnings.first?.message.contains("between containers of front") == bridged, "\(warnings)")
            let page = try host.http(
                "\(try host.address("web")):80", from: .sandbox("near"), patience: bridged ? 1 : 10)
            #expect(page.isUnreachable == bridged)
            try host.openAsTold("filter")
            try expectOpen(host, client)
            // An apply is not kept from anything by it, and touches nothing of it.
            let rules = try host.sh("iptables -S; ip6tables -S")
            try host.sh("ip link set br-front mtu 1400")
            try host.apply()
            #expect(try host.sh("iptables -S; ip6tables -S") == rules)
        }
    }

    @Test(arguments: [true, false]) func docker(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try prepare(host)
            try host.startDocker()
            #expect(try !isOpen(host, client))
            #expect(try host.warnings().first?.hint.contains("iptables -I DOCKER-USER -o br-front -j ACCEPT") == true)
            try host.openAsTold("chain FORWARD of table ip filter (policy drop)")
            try expectOpen(host, client)
            let rules = try host.sh("iptables -S; iptables -t nat -S")
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            #expect(try host.sh("iptables -S; iptables -t nat -S") == rules)
        }
    }

    @Test(arguments: [true, false]) func podman(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try prepare(host)
            try host.startPodman()
            // Each goes on, and neither has to be told of the other.
            try host.apply()
            try host.expectConverged()
            try expectOpen(host, client)
            try host.awaitHTTP("10.88.0.2:80")
            #expect(try host.http("\(client.hostIPv4):9090", from: client.place, patience: 10).code == 0)
            // Its containers are apart from ours, but for what is published.
            #expect(try host.http("\(try host.address("web")):80", from: .peer("pod")).isUnreachable)
            #expect(try host.http("\(client.hostIPv4):8080", from: .peer("pod"), patience: 10).code == 0)
        }
    }

    @Test func ufw() throws {
        try withHost { host in
            let client = try prepare(host)
            try host.startUFW()
            #expect(try !isOpen(host, client))
            #expect(
                try host.warnings().first?.hint
                    == "open it: ufw route allow out on br-front; ufw route allow in on br-front")
            try host.openAsTold("filter (policy drop)")
            try expectOpen(host, client)
            try host.sh("ufw reload")
            try host.expectConverged()
            try expectOpen(host, client)
            // As the documents tell how to close a port again.
            try host.sh("ufw route prepend deny in on up1 out on br-front to any port 80")
            #expect(try !isOpen(host, client))
            #expect(try host.warnings().isEmpty)
        }
    }

    @Test func firewalld() throws {
        try withHost { host in
            let client = try prepare(host)
            let daemon = try host.startFirewalld()
            // It lets in what was translated; but nothing out of a bridge that is in no zone of trust.
            #expect(try isOpen(host, client, patience: 10))
            #expect(try host.datagram(client.ipv4, port: 7, from: .sandbox("web"), tries: 1) == nil)
            let warning = try #require(try host.warnings().first)
            #expect(warning.message.contains("from front to the outside") && !warning.message.contains("published"))
            try host.openAsTold("chain filter_FORWARD of table inet firewalld")
            try expectOpen(host, client)
            let own = try host.sh("nft list table inet reconcile")
            try host.sh("firewall-cmd --reload")
            try host.expectConverged()
            try expectOpen(host, client)
            daemon.stop()
            _ = try host.restartFirewalld()
            try host.expectConverged()
            try expectOpen(host, client)
            #expect(try host.sh("nft list table inet reconcile") == own)
        }
    }

    @Test func nftables() throws {
        try withHost { host in
            let client = try prepare(host)
            // As in Debian's examples: established by a map of verdicts, a set of links, and a policy.
            try host.sh(
                """
                nft -f - <<END
                table inet mine {
                    set inside { type ifname; elements = { "lan0" } }
                    chain passing {
                        type filter hook forward priority -5; policy drop;
                        ct state vmap { established : accept, related : accept, invalid : drop }
                        oifname @inside accept
                        iifname @inside accept
                    }
                    chain out {
                        type filter hook output priority 0; policy drop;
                        ct state established accept
                        oifname "up1" accept
                        meta l4proto ipv6-icmp accept
                    }
                }
                END
                """)
            #expect(try !isOpen(host, client))
            #expect(try host.http("127.0.0.1:8080").code != 0)
            let warnings = try host.warnings()
            #expect(
                warnings.map(\.message).joined().contains(
                    "chain out of table inet mine (policy drop) drops what goes from 127.0.0.1 to published ports of front"
                ),
                "\(warnings)")
            // Named in the set, it is open.
            try host.sh("nft add element inet mine inside '{ \"br-front\" }'")
            #expect(try host.warnings().count == 1)
            #expect(try isOpen(host, client, patience: 10))
            try host.openAsTold("of table inet mine")
            try expectOpen(host, client)
            // A port that is closed on purpose is nothing to be warned of.
            try host.sh("nft insert rule inet mine passing tcp dport 80 ip saddr 10.99.1.0/24 drop")
            #expect(try !isOpen(host, client))
            #expect(try host.warnings().isEmpty)
        }
    }

    /// An agent tells once what is closed, and again when it is closed anew; and does nothing about it.
    @Test func anAgentTellsOnce() throws {
        try withHost { host in
            _ = try prepare(host)
            let agent = try host.startAgent("--full-pass-interval", "1s")
            func told() -> Int { agent.events.count { $0["cause"]?.string?.contains("(policy drop)") ?? false } }
            #expect(told() == 0)
            try host.sh("iptables -P FORWARD DROP")
            #expect(eventually(within: .seconds(10)) { told() == 1 })
            // Full passes and repairs go by.
            try host.sh("ip link set br-front mtu 1400")
            try host.awaitMTU(1500)
            try host.sh("sleep 2.5")
            #expect(told() == 1)
            try host.sh("iptables -P FORWARD ACCEPT")
            // Only a full pass finds this; the second one began after the first was over.
            for _ in 1...2 {
                let before = agent.events.count
                try host.sh("echo 0 > /proc/sys/net/ipv4/conf/br-front/route_localnet")
                try agent.awaitEvent("a full pass", after: before) {
                    $0.isRepair(of: "sysctl net/ipv4/conf/br-front/route_localnet", "value")
                }
            }
            try host.sh("iptables -P FORWARD DROP")
            #expect(eventually(within: .seconds(10)) { told() == 2 })
            try agent.stop()
        }
    }
}
