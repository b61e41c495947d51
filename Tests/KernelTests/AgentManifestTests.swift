import Glibc
import Testing

/// Whatever happens to the manifests, what they last rightly said is what runs.
@Suite(.serialized, .kernel) struct AgentManifestTests {
    private func network(_ name: String, _ number: Int, mtu: Int = 1500) -> String {
        Manifest.network(
            name, "subnets: [{ subnet: 10.\(number).0.0/24 }]", "mtu: \(mtu)", "bridge: { name: br-\(name) }")
    }

    private func awaitMTU(_ host: TestHost, _ mtu: Int, of link: String = "br-front", _ what: String = "") throws {
        let isThere = try eventually(within: .seconds(30)) {
            try host.attempt("ip -o link show \(link)").text.contains("mtu \(mtu) ")
        }
        let seen = try host.attempt("ip -o link show \(link)").text
        #expect(isThere, "\(what): \(seen)")
    }

    /// Waits until the agent has read the manifests, and told of it in these words.
    private func awaitNews(_ agent: RunningAgent, after count: Int, _ words: String, within: Duration = .seconds(30))
        throws
    {
        try agent.awaitEvent(words, after: count, within: within) { $0["cause"]?.string?.contains(words) ?? false }
    }

    /// Ways in which programs write a file; `FILE` is to become `NEW`.
    private static let saves = [
        ("in place", "cat NEW > FILE"),
        ("sed", "sed -i \"s/mtu: .*/$(grep mtu: NEW | tr -d ' ')/; s/mtu:/mtu: /\" FILE"),
        ("renamed over", "cp NEW DIR/.site.yaml.swp; mv DIR/.site.yaml.swp FILE"),
        ("vim", "touch DIR/4913; rm DIR/4913; mv FILE FILE~; cat NEW > FILE; rm FILE~"),
        ("emacs", "ln -s x@y.1:2 'DIR/.#site.yaml'; cp FILE FILE~; cat NEW > FILE; rm 'DIR/.#site.yaml' FILE~"),
        ("removed and written", "rm FILE; cat NEW > FILE"),
        ("the directory made anew", "mv DIR DIR.old; mkdir DIR; cat NEW > FILE; rm -r DIR.old"),
    ]

    @Test func howeverAFileIsSaved() throws {
        try withHost { host in
            try host.write(network("front", 20))
            let agent = try host.startAgent()
            var mtu = 1500
            for (name, save) in Self.saves {
                mtu -= 10
                let before = agent.events.count
                let new = host.directory + "/new"
                try Files.write(network("front", 20, mtu: mtu), to: new)
                try host.sh(
                    save.replacing("FILE", with: "DIR/site.yaml").replacing("DIR", with: host.manifests)
                        .replacing("NEW", with: new))
                try awaitMTU(host, mtu, name)
                #expect(agent.told(after: before).filter { $0 != "manifest" } == ["updated link br-front"], "\(name)")
            }
            // Saved again and again, it is read when it comes to rest.
            let before = agent.events.count
            try host.sh(
                """
                for n in $(seq 1 40); do sed "s/mtu: .*/mtu: $((1300 + n))/" \(host.directory)/new > \(host.manifests)/site.yaml; sleep 0.02; done
                """)
            try awaitMTU(host, 1340)
            let count = agent.told(after: before).count { $0 == "manifest" }
            #expect((1...10).contains(count), "40 saves were read \(count) times")
            try agent.stop()
        }
    }

    /// As a ConfigMap is mounted, and as git-sync publishes.
    @Test func aSwappedLink() throws {
        try withHost { host in
            let root = host.manifests
            try Files.write(network("front", 20), to: root + "/..v1/site.yaml")
            try host.sh("cd \(root); ln -s ..v1 ..data; ln -s ..data/site.yaml site.yaml")
            let agent = try host.startAgent()
            try awaitMTU(host, 1500)
            let before = agent.events.count
            try Files.write(network("front", 20, mtu: 1400), to: root + "/..v2/site.yaml")
            try host.sh("cd \(root); ln -s ..v2 ..tmp; mv -T ..tmp ..data; rm -r ..v1")
            try awaitMTU(host, 1400)
            #expect(agent.told(after: before).filter { $0 != "manifest" } == ["updated link br-front"])
            // What the link leads to now is watched.
            try Files.write(network("front", 20, mtu: 1300), to: root + "/..v2/site.yaml")
            try awaitMTU(host, 1300)
            try agent.stop()
        }
    }

    @Test func aBadFileUndoesNothing() throws {
        try withHost { host in
            try host.write(network("front", 20), file: "a.yaml")
            try host.write(network("back", 21), file: "b.yaml")
            try host.write(network("side", 22), file: "c.yaml")
            var agent = try host.startAgent()
            var before = agent.events.count
            let wrong = network("front", 20).replacing("driver:", with: "drivr:")
            try host.write(wrong, file: "a.yaml")
            try awaitNews(agent, after: before, "a.yaml has an error")
            let failed = try agent.awaitEvent("the error", after: before) { $0["event"]?.string == "failed" }
            #expect(
                failed["source"]?["file"]?.string == host.manifests + "/a.yaml" && failed["source"]?["line"]?.int == 6)
            // People are told where, too.
            #expect(agent.command.errors.contains("failed  network/front  # \(host.manifests)/a.yaml:6:3: "))
            // The others' changes are applied, and nothing is pruned.
            try host.write(network("back", 21, mtu: 1400), file: "b.yaml")
            try awaitMTU(host, 1400, of: "br-back")
            before = agent.events.count
            try host.sh("rm \(host.manifests)/c.yaml")
            try awaitNews(agent, after: before, "c.yaml was removed: it stays until all manifests are good")
            #expect(agent.told(after: 0).count { $0 == "failed" } == 1, "told once")
            // The same for an agent that never saw it good: what was good is on disk.
            try agent.stop()
            before = agent.events.count
            agent = try host.startAgent()
            usleep(500_000)
            #expect(agent.told(after: before).filter { $0.hasPrefix("deleted") || $0.hasPrefix("drift") } == [])
            for link in ["br-front", "br-side"] {
                before = agent.events.count
                try host.sh("ip link set \(link) mtu 1300")
                try agent.awaitEvent(link, after: before) { $0.isRepair(of: "link \(link)", "mtu") }
            }
            before = agent.events.count
            try host.write(network("front", 20, mtu: 1200), file: "a.yaml")
            try awaitNews(agent, after: before, "the manifests are good again")
            try awaitMTU(host, 1200)
            try agent.awaitEvent("the pruning", after: before) {
                $0["event"]?.string == "deleted" && $0["object"]?.string == "link br-side"
            }
            try host.expectConverged()
            try agent.stop()
        }
    }

    @Test func anEmptyOrVanishedRootDeletesNothing() throws {
        try withHost { host in
            try host.write(
                network("front", 20) + host.container("web", command: ["sleep", "600"], "networks: [front]"))
            var agent = try host.startAgent()
            let pid = try host.pid("web")
            let wrong = [
                ("mv DIR/site.yaml DIR.away", "mv DIR.away DIR/site.yaml"), ("mv DIR DIR.away", "mv DIR.away DIR"),
                ("mv DIR DIR.away; mkdir DIR", "rmdir DIR; mv DIR.away DIR"),
            ]
            for (spoil, mend) in wrong {
                var before = agent.events.count
                try host.sh(spoil.replacing("DIR", with: host.manifests))
                try agent.awaitEvent(spoil, after: before) { $0["event"]?.string == "manifest" }
                // It is not only left alone but kept, by a new agent too.
                for isNew in [false, true] {
                    if isNew {
                        try agent.stop()
                        agent = try host.startAgent()
                    }
                    before = agent.events.count
                    try host.sh("ip link set br-front mtu 1400")
                    try agent.awaitEvent(spoil, after: before) { $0.isRepair(of: "link br-front", "mtu") }
                    #expect(try host.pid("web") == pid, "\(spoil)")
                }
                before = agent.events.count
                try host.sh(mend.replacing("DIR", with: host.manifests))
                try agent.awaitEvent(mend, after: before) { $0["event"]?.string == "manifest" }
            }
            // Emptied by mistake it says that all is to go, which is held back.
            let before = agent.events.count
            try host.write("", file: "site.yaml")
            try awaitNews(agent, after: before, "this would delete all 2 resources that are ours")
            #expect(try host.pid("web") == pid)
            try host.write(
                network("front", 20, mtu: 1300) + host.container("web", command: ["sleep", "600"], "networks: [front]"))
            try awaitMTU(host, 1300)
            #expect(try host.pid("web") == pid)
            try agent.stop()
        }
    }

    @Test func movingAndRemoving() throws {
        try withHost { host in
            let web = host.container("web", command: ["sleep", "600"], "networks: [front]")
            try host.write(network("front", 20), file: "a.yaml")
            try host.write(network("back", 21), web, file: "b.yaml")
            let agent = try host.startAgent()
            let pid = try host.pid("web")
            // At once, and with a time in which it is in both files.
            var before = agent.events.count
            try host.write(network("back", 21), file: "b.yaml")
            try host.write(network("front", 20), web, file: "a.yaml")
            try awaitNews(agent, after: before, "2 files changed: a.yaml, b.yaml")
            try host.expectConverged()
            #expect(agent.told(after: before) == ["manifest"])
            before = agent.events.count
            try host.write(web, file: "sub/c.yaml")
            try awaitNews(agent, after: before, "the manifests do not fit together")
            try host.write(network("front", 20), file: "a.yaml")
            try awaitNews(agent, after: before, "the manifests are good again")
            try host.expectConverged()
            #expect(Set(agent.told(after: before)).isSubset(of: ["manifest", "failed"]))
            #expect(try host.pid("web") == pid)
            // A file that is removed takes its resources along, and nothing else.
            before = agent.events.count
            try host.sh("rm \(host.manifests)/b.yaml")
            try agent.awaitEvent("the pruning", after: before, within: .seconds(30)) {
                $0["event"]?.string == "deleted" && $0["object"]?.string == "link br-back"
            }
            try host.expectConverged()
            #expect(try host.pid("web") == pid)
            try agent.stop()
        }
    }

    @Test func whatWouldDeleteMostIsHeldBack() throws {
        try withHost { host in
            let all = (20...24).map { network("n\($0)", $0) }
            try host.write(all.joined())
            let agent = try host.startAgent()
            let before = agent.events.count
            try host.write(network("n20", 20, mtu: 1400))
            try awaitNews(agent, after: before, "this would delete 4 of the 5 resources that are ours")
            // What else it says is done.
            try awaitMTU(host, 1400, of: "br-n20")
            kill(try agent.process, SIGHUP)
            usleep(500_000)
            for number in 20...24 { try host.sh("ip link show br-n\(number)") }
            #expect(agent.told(after: before).count { $0 == "failed" } == 1, "told once")
            try agent.stop()
            let next = try host.startAgent("--allow-mass-delete")
            #expect(try host.sh("ip -o link show type bridge").lines.count == 1)
            try host.expectConverged()
            try next.stop()
        }
    }
}
