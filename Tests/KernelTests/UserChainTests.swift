import Testing

/// A table of the user's own, `inet reconcile-user`, which is never touched: what it drops stays dropped.
@Suite(.serialized, .kernel) struct UserChainTests {
    /// A hook of the user's, and what it says; our own chains are at priority 0 (forward) and -100 (prerouting).
    struct Hook: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let chain: String
        let rule: String
        /// Whether bridged packets pass the firewall.
        var bridged = true
    }

    /// By the host's port as the client asked for it: after the translation that is what the connection began with.
    private static let original = #"iifname "up1" meta l4proto tcp ct original proto-dst 8080 drop"#
    static let hooks = [
        Hook(
            testDescription: "forward, before ours", chain: "type filter hook forward priority filter - 10;",
            rule: original),
        Hook(
            testDescription: "forward, before ours, bridged packets apart",
            chain: "type filter hook forward priority filter - 10;", rule: original, bridged: false),
        Hook(
            testDescription: "forward, after ours", chain: "type filter hook forward priority filter + 10;",
            rule: original, bridged: false),
        Hook(
            testDescription: "before the translation", chain: "type filter hook prerouting priority mangle;",
            rule: #"iifname "up1" tcp dport 8080 drop"#),
    ]

    @Test(arguments: hooks) func closesAPublishedPort(_ hook: Hook) throws {
        try withHost(bridged: hook.bridged) { host in
            let client = try host.connect("client", number: 1, usesAsRouter: true)
            try host.write(
                Manifest.network("front", dual(20)),
                host.container("web", "networks: [front]", "ports: ['8080:80', '9090:80']"))
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            try host.sh(
                """
                nft add table inet reconcile-user
                nft 'add chain inet reconcile-user mine { \(hook.chain) }'
                nft 'add rule inet reconcile-user mine \(hook.rule)'
                """)
            let own = try host.sh("nft list table inet reconcile-user")
            for server in [client.hostIPv4, "[\(client.hostIPv6)]"] {
                #expect(try host.http("\(server):8080", from: client.place).isUnreachable, "\(server)")
                #expect(try host.http("\(server):9090", from: client.place, patience: 10).code == 0, "\(server)")
            }
            #expect(try host.http("127.0.0.1:8080", patience: 10).code == 0)
            // Nobody warns of it, and no pass, nor destroy, touches it.
            try host.expectConverged()
            try host.sh("nft delete table inet reconcile")
            try host.apply()
            #expect(try host.http("\(client.hostIPv4):8080", from: client.place).isUnreachable)
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            #expect(try host.sh("nft list table inet reconcile-user") == own)
            #expect(try host.sh("nft list tables").lines == ["table inet reconcile-user"])
        }
    }

    /// An accept ends the chain that it is in, and no other.
    @Test func opensNothing() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1, usesAsRouter: true)
            try host.write(Manifest.network("front", dual(20)), host.container("web", "networks: [front]"))
            try host.apply()
            let server = "\(try host.address("web")):80"
            try host.awaitHTTP(server)
            try host.sh(
                """
                nft add table inet reconcile-user
                nft 'add chain inet reconcile-user mine { type filter hook forward priority filter - 10; }'
                nft 'add rule inet reconcile-user mine accept'
                """)
            #expect(try host.http(server, from: client.place).isUnreachable)
        }
    }

    @Test func noSetHasItsName() throws {
        try withHost { host in
            for command in [["apply"], ["destroy", "--yes"], ["status"]] {
                let result = try host.reconcile(command + ["--set", "user"])
                #expect(result.code == 64 && result.errors.contains("inet reconcile-user"), "\(result)")
            }
        }
    }
}
