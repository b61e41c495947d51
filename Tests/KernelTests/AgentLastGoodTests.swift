import Glibc
import Testing

/// Whatever happens to the manifests, what they last rightly said is what runs.
@Suite(.serialized, .kernel) struct AgentLastGoodTests {
    private func network(_ name: String, _ number: Int, mtu: Int = 1500) -> String {
        Manifest.network(
            name, "subnets: [{ subnet: 10.\(number).0.0/24 }]", "mtu: \(mtu)", "bridge: { name: br-\(name) }")
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
            try agent.awaitCause(after: before, "a.yaml has an error")
            let failed = try agent.awaitEvent("the error", after: before) { $0["event"]?.string == "failed" }
            #expect(
                failed["source"]?["file"]?.string == host.manifests + "/a.yaml" && failed["source"]?["line"]?.int == 6)
            // People are told where, too.
            let isTold = eventually {
                agent.command.errors.contains("failed  network/front  # \(host.manifests)/a.yaml:6:3: ")
            }
            #expect(isTold, "\(agent.command.errors)")
            // Once it said that what is kept was to be deleted.
            let status = try host.reconcile("status")
            #expect(status.code == 1 && status.errors.contains("a.yaml:6:3: error: unknown field"), "\(status)")
            let line = status.output.lines.first { $0.hasPrefix("network/front ") } ?? ""
            #expect(
                line.contains(" Ready  ") && line.contains("held at its last good version: a.yaml:6:3: "), "\(line)")
            #expect(!status.output.contains("to do:") && status.output.contains(" (last good)."), "\(status)")
            #expect(try host.inspect("network/front")["subnets"]?.array?.count == 1)
            // The others' changes are applied, and nothing is pruned.
            try host.write(network("back", 21, mtu: 1400), file: "b.yaml")
            try host.awaitMTU(1400, of: "br-back")
            before = agent.events.count
            try host.sh("rm \(host.manifests)/c.yaml")
            try agent.awaitCause(after: before, "c.yaml was removed: it stays until all manifests are good")
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
            try agent.awaitCause(after: before, "the manifests are good again")
            try host.awaitMTU(1200)
            try agent.awaitEvent("the pruning", after: before) {
                $0["event"]?.string == "deleted" && $0["object"]?.string == "link br-side"
            }
            try host.awaitConverged()
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
                let status = try host.reconcile("status")
                #expect(status.code == 1, "\(spoil): \(status)")
                let line = status.output.lines.first { $0.hasPrefix("network/front ") } ?? ""
                #expect(
                    line.contains(" Ready  ") && line.contains("held at its last good version: "), "\(spoil): \(line)")
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
            try agent.awaitCause(after: before, "this would delete all 2 resources that are ours")
            #expect(try host.pid("web") == pid)
            try host.write(
                network("front", 20, mtu: 1300) + host.container("web", command: ["sleep", "600"], "networks: [front]"))
            try host.awaitMTU(1300)
            #expect(try host.pid("web") == pid)
            try agent.stop()
        }
    }

    /// Once it said only that it cannot read it, and `status` failed.
    @Test func aRootThatDoesNotExistIsWaitedFor() throws {
        try withHost { host in
            let nowhere = host.directory + "/nowhere"
            let agent = try host.startAgent(over: nowhere)
            try agent.awaitCause(after: 0, "\(nowhere) does not exist: waiting for it, and nothing is removed")
            let status = try host.reconcile("status")
            #expect(status.code == 1 && status.errors.contains("hint: make it"), "\(status)")
            #expect(status.output.contains("is running."), "\(status)")
            let before = agent.events.count
            try host.sh("mkdir \(nowhere)")
            try Files.write(network("front", 20), to: nowhere + "/site.yaml")
            try agent.awaitCause(after: before, "the manifests are good again")
            try host.awaitMTU(1500)
            #expect(agent.told(after: 0).count { $0 == "failed" } == 1, "told once")
            let isReady = try eventually { try host.reconcile("status").code == 0 }
            #expect(isReady)
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
            try agent.awaitCause(after: before, "this would delete 4 of the 5 resources that are ours")
            let status = try host.reconcile("status")
            #expect(status.code == 1 && status.errors.contains("this would delete 4 of the 5"), "\(status)")
            #expect(!status.output.contains("to do: delete"), "\(status)")
            // What else it says is done.
            try host.awaitMTU(1400, of: "br-n20")
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
