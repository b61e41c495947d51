import Glibc
import Testing

/// However manifests are changed, the agent sees it, once it is done.
@Suite(.serialized, .kernel) struct AgentManifestTests {
    private func network(_ name: String, _ number: Int, mtu: Int = 1500) -> String {
        Manifest.network(
            name, "subnets: [{ subnet: 10.\(number).0.0/24 }]", "mtu: \(mtu)", "bridge: { name: br-\(name) }")
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

    /// What is done is told a moment later.
    private func awaitUpdate(_ agent: RunningAgent, after count: Int) {
        let isTold = eventually { agent.told(after: count).contains("updated link br-front") }
        #expect(isTold)
    }

    /// Halts an agent until it is sent SIGCONT: on a slow machine a save may rest halfway for longer than it waits.
    private func halt(_ agent: RunningAgent) throws -> Int32 {
        let pid = try agent.process
        #expect(kill(pid, SIGSTOP) == 0)
        #expect(eventually { Files.read("/proc/\(pid)/status").lines.contains { $0.hasPrefix("State:\tT") } })
        return pid
    }

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
                let command = save.replacing("FILE", with: "DIR/site.yaml").replacing("DIR", with: host.manifests)
                    .replacing("NEW", with: new)
                let process = try halt(agent)
                try host.sh(command)
                kill(process, SIGCONT)
                try host.awaitMTU(mtu, name)
                awaitUpdate(agent, after: before)
                #expect(agent.told(after: before).filter { $0 != "manifest" } == ["updated link br-front"], "\(name)")
            }
            // Saved again and again, it is read when it comes to rest: also where the saves themselves rest for so long.
            let before = agent.events.count
            let rests = try host.sh(
                """
                rests=0; last=$(date +%s%N)
                for n in $(seq 1 40); do
                    sed "s/mtu: .*/mtu: $((1300 + n))/" \(host.directory)/new > \(host.directory)/next
                    cat \(host.directory)/next > \(host.manifests)/site.yaml
                    sleep 0.02
                    now=$(date +%s%N)
                    if [ $((now - last)) -gt 150000000 ]; then rests=$((rests + 1)); fi
                    last=$now
                done
                echo $rests
                """)
            try host.awaitMTU(1340)
            let count = agent.told(after: before).count { $0 == "manifest" }
            let most = 10 + (Int(rests) ?? 0)
            #expect((1...most).contains(count), "40 saves with \(rests) rests were read \(count) times")
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
            try host.awaitMTU(1500)
            let before = agent.events.count
            try Files.write(network("front", 20, mtu: 1400), to: root + "/..v2/site.yaml")
            try host.sh("cd \(root); ln -s ..v2 ..tmp; mv -T ..tmp ..data; rm -r ..v1")
            try host.awaitMTU(1400)
            awaitUpdate(agent, after: before)
            #expect(agent.told(after: before).filter { $0 != "manifest" } == ["updated link br-front"])
            // What the link leads to now is watched.
            try Files.write(network("front", 20, mtu: 1300), to: root + "/..v2/site.yaml")
            try host.awaitMTU(1300)
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
            let process = try halt(agent)
            try host.write(network("back", 21), file: "b.yaml")
            try host.write(network("front", 20), web, file: "a.yaml")
            kill(process, SIGCONT)
            try agent.awaitCause(after: before, "2 files changed: a.yaml, b.yaml")
            try host.expectConverged()
            #expect(agent.told(after: before) == ["manifest"])
            before = agent.events.count
            try host.write(web, file: "sub/c.yaml")
            try agent.awaitCause(after: before, "the manifests do not fit together")
            try host.write(network("front", 20), file: "a.yaml")
            try agent.awaitCause(after: before, "the manifests are good again")
            try host.expectConverged()
            #expect(Set(agent.told(after: before)).isSubset(of: ["manifest", "failed"]))
            #expect(try host.pid("web") == pid)
            // A file that is removed takes its resources along, and nothing else.
            before = agent.events.count
            try host.sh("rm \(host.manifests)/b.yaml")
            try agent.awaitEvent("the pruning", after: before, within: .seconds(30)) {
                $0["event"]?.string == "deleted" && $0["object"]?.string == "link br-back"
            }
            try host.awaitConverged()
            #expect(try host.pid("web") == pid)
            try agent.stop()
        }
    }
}
