import Testing

/// A second pass does nothing at all, and a dry run does what it says: nothing but tell.
@Suite(.serialized, .kernel) struct IdempotenceTests {
    @Test func aSecondApplyIsSilent() throws {
        try withHost { host in
            try host.write(HelloTests.hello(host).joined())
            try host.apply()
            let monitor = try Monitor(host, sandboxes: ["web", "far"])
            var second: CommandResult?
            let heard = try monitor.hears { second = try host.apply() }
            #expect(heard.isEmpty, "\(heard.joined(separator: "\n"))")
            #expect(
                second?.output.hasPrefix("No changes. The host matches 5 resources.") == true, "\(second?.output ?? "")"
            )
            let before = try host.fullSnapshot(of: [.host, .sandbox("web")])
            try host.apply()
            let after = try host.fullSnapshot(of: [.host, .sandbox("web")])
            #expect(before.difference(to: after) == "")
        }
    }

    /// The listener itself: a pass that changes something is heard.
    @Test func monitorsHearAPassThatChangesSomething() throws {
        try withHost { host in
            try host.write(HelloTests.hello(host).joined())
            try host.apply()
            try host.sh("ip link set br-front mtu 1400; nft delete element inet reconcile bridges '{ br-front }'")
            let heard = try Monitor(host, sandboxes: ["web"]).hears { try host.apply() }
            #expect(heard.contains { $0.contains("br-front") && $0.contains("mtu 1500") })
            #expect(heard.contains { $0.contains("add element inet reconcile bridges") })
        }
    }

    @Test func exitCodesOfTheDryRun() throws {
        try withHost { host in
            try host.write(HelloTests.hello(host).joined())
            #expect(try host.reconcile("apply", "--dry-run", host.manifests).code == 2)
            try host.apply()
            #expect(try host.reconcile("apply", "--dry-run", host.manifests).code == 0)
            try host.write("kind: Nonsense", file: "bad.yaml")
            #expect(try host.reconcile("apply", "--dry-run", host.manifests).code == 1)
            #expect(try host.reconcile("apply", host.manifests).code == 1)
            #expect(try host.reconcile("apply", "--no-such-option").code == 64)
        }
    }

    @Test func aDryRunTouchesNothingAndTellsWhatTheApplyDoes() throws {
        try withHost { host in
            _ = try host.connect("client", number: 1)
            try host.write(HelloTests.hello(host).joined())
            try expectDryRunEqualsApply(host)
            // And again from a host that has much of it, some of it wrong.
            try host.sh(
                """
                ip link set br-back mtu 1400
                nft delete element inet reconcile ports4 '{ tcp . 8080 }'
                ip link del \(try host.veth("near"))
                """)
            try Files.write("", to: host.manifests + "/site.yaml")
            try host.write(HelloTests.hello(host).dropLast().joined())
            try expectDryRunEqualsApply(host)
        }
    }

    private func expectDryRunEqualsApply(_ host: TestHost) throws {
        let before = try host.fullSnapshot()
        let plan = try host.plan()
        let after = try host.fullSnapshot()
        #expect(before.difference(to: after) == "")
        #expect(!plan.changes.isEmpty)
        let operations = try host.applyOperations()
        #expect(operations == plan.operations)
    }
}
