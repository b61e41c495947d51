import Model
import Testing

/// Several sets on a host that is a node: one agent is the node, and no other takes anything from it.
@Suite(.serialized, .kernel) struct FleetSetTests {
    @Test func oneAgentIsTheNode() throws {
        try withNodeFleet { fleet in
            try fleet.write { NodeFleet.webs($0) }
            try fleet.startAgents()
            try fleet.awaitReady()
            let host = fleet.node(2)
            let other = "\(host.directory)/other"
            try Files.write(
                Manifest.network("side", "subnets: [{ subnet: 10.99.0.0/24 }]")
                    + host.container("beside", command: ["sleep", "600"], "networks: [side]"),
                to: "\(other)/all.yaml")
            let count = try fleet.agent(2).events.count
            let refused = try host.reconcile("agent", "--set", "other", other)
            #expect(refused.code == 1, "\(refused)")
            let pid = try fleet.agent(2).process
            #expect(
                refused.errors.contains(
                    "the agent of set default (process \(pid)) is node n2 of fleet \(NodeFleet.name) already"),
                "\(refused)")
            #expect(refused.errors.contains("--data-dir"), "\(refused)")
            // With files of its own it is nobody in the fleet, and takes care of its set.
            let aside = try host.startAgent("--data-dir", "\(host.directory)/aside", set: "other", over: other)
            let runs = eventually(within: .seconds(30)) { fleet.running(2).contains("beside") }
            #expect(runs, "\(aside.command.errors)")
            try fleet.awaitPing(1, "web1", "web2")
            try fleet.expectNoChange(2, after: count)
            try aside.stop()
            #expect(
                try host.reconcile("destroy", "--yes", "--set", "other", "--data-dir", "\(host.directory)/aside").code
                    == 0)
            // Whoever comes after it is the node.
            try fleet.killAgent(2)
            let last = try fleet.agent(2).events.count
            try fleet.startAgent(2)
            try fleet.awaitReady()
            try fleet.expectNoChange(2, after: last)
        }
    }
}
