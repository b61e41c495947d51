import Model
import Testing

/// What is suspended is left alone, told, and corrected again when it is resumed.
@Suite(.serialized, .kernel) struct SuspendTests {
    private func status(_ host: TestHost, _ resource: String) throws -> (state: String, reason: String, code: Int32) {
        let result = try host.reconcile("status", "-o", "json")
        let json = try JSONValue(parsing: Array(result.output.utf8))
        let entry = json["resources"]?.array?.first { $0["resource"]?.string == resource }
        return (entry?["state"]?.string ?? "", entry?["reason"]?.string ?? "", result.code)
    }

    @Test func oneResource() throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            try host.apply()
            let wrong = try host.reconcile("suspend", "network/fornt")
            #expect(wrong.code == 1 && wrong.errors.contains("did you mean \"network/front\"?"), "\(wrong)")
            #expect(try host.reconcile("suspend", "web").errors.contains("did you mean \"container/web\"?"))
            let suspended = try host.reconcile("suspend", "network/front")
            #expect(suspended.code == 0 && suspended.output == "Suspended network/front.\n", "\(suspended)")
            #expect(try host.reconcile("suspend", "network/front").output.contains("suspended already, since 20"))
            // Neither drift nor a new manifest nor its absence is acted upon; all else is.
            try host.sh("ip link set br-front mtu 1400")
            let veth = try host.veth("near")
            try host.sh("ip link set \(veth) down")
            #expect(try host.applyOperations() == ["update link \(veth)"])
            let link = try host.sh("ip -o link show br-front")
            #expect(link.contains("mtu 1400"), "\(link)")
            let text = try host.reconcile("apply", "--dry-run", host.manifests)
            #expect(text.code == 0 && text.output.contains("Note: network/front is suspended since 20"), "\(text)")
            #expect(text.output.contains("1 object differs and is left as it is: network/front."), "\(text)")
            let state = try status(host, "network/front")
            #expect(state.state == "Suspended" && state.code == 1, "\(state)")
            #expect(state.reason.contains("drifted: change link br-front (mtu 1400 -> 1500)"), "\(state)")
            #expect(try status(host, "container/web").state == "Ready")
            // Over a reboot of the agent it lasts: nothing but the file knows. Resumed, it is drift again.
            #expect(try host.reconcile("resume", "container/web").output == "container/web is not suspended.\n")
            #expect(try host.reconcile("resume", "network/front").output == "Resumed network/front.\n")
            #expect(try host.plan().drifted("link br-front") == ["mtu"])
            try host.apply()
            try host.expectConverged()
        }
    }

    /// What a suspended container stands on stays with it, though no manifest names either.
    @Test func whatItStandsOnStays() throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            try host.write(Manifest.network("other"), file: "other.yaml")
            try host.apply()
            let pid = try host.pid("web")
            try host.sh("rm \(host.manifests)/site.yaml")
            #expect(try host.reconcile("suspend", "container/web").code == 0)
            try host.apply()
            #expect(try host.pid("web") == pid)
            try host.awaitHTTP("127.0.0.1:8080")
            #expect(try host.reconcile("inspect", "container/near").code == 1, "what is not suspended goes")
            #expect(try host.reconcile("resume").output == "Resumed everything of set default.\n")
            try host.apply()
            #expect(try host.reconcile("inspect", "container/web").code == 1)
            try host.expectConverged()
        }
    }

    @Test func everythingAndDestroy() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(DriftTests.site(host).joined())
            #expect(try host.reconcile("resume").output == "Nothing of set default is suspended.\n")
            #expect(try host.reconcile("suspend").output == "Suspended everything of set default.\n")
            let nothing = try host.apply()
            #expect(nothing.output.contains("Note: everything is suspended since 20"), "\(nothing)")
            #expect(try clean.difference(to: host.kernelSnapshot()) == "")
            #expect(try host.reconcile("resume").code == 0)
            try host.apply()
            #expect(try host.reconcile("suspend").code == 0)
            try host.sh("nft flush table inet reconcile; ip link del br-front")
            #expect(try host.applyOperations() == [])
            try host.destroyLeavingNothing(since: clean, "suspended")
            #expect(Files.names(host.data + "/memory").filter { $0.hasPrefix("suspended") } == [])
        }
    }

    /// Drift of a resource that says so is reported and not repaired; its new manifest is applied.
    @Test func detectOnly() throws {
        try withHost { host in
            func site(_ mtu: Int) -> String {
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]", "mtu: \(mtu)")
                    .replacing("name: front", with: "name: front, annotations: { reconcile/mode: detect-only }")
            }
            try host.write(site(1500))
            try host.apply()
            try host.sh("ip link set br-front down; ip address del 10.20.0.1/24 dev br-front")
            for _ in 0..<2 {
                let result = try host.apply()
                #expect(result.output.contains("link br-front          up no -> yes (reported only)"), "\(result)")
                #expect(result.output.contains("2 objects differ and are left as they are"), "\(result)")
            }
            let state = try status(host, "network/front")
            #expect(
                state.state == "Reconciling" && state.code == 1 && state.reason.hasPrefix("drifted, reported only: "))
            try host.write(site(1400))
            #expect(try host.applyOperations() == ["update link br-front"])
            #expect(try host.sh("ip -o link show br-front").contains("mtu 1400"))
            #expect(try !host.sh("ip address show br-front").contains("10.20.0.1"))
            try host.write(site(1400).replacing("detect-only", with: "repair"))
            try host.apply()
            #expect(try host.sh("ip address show br-front").contains("10.20.0.1/24"))
        }
    }
}
