import Glibc
import Model
import Testing

/// What manifests would do on other nodes: each node plans it as a dry run of its own would, and nothing is touched.
@Suite(.serialized, .kernel) struct FleetPreviewTests {
    /// Manifests that mean something else for each node, beside those that are in force.
    private func writeNew(_ fleet: NodeFleet) throws -> String {
        let (host, directory) = (fleet.node(1), "\(fleet.router.directory)/new")
        let documents =
            [NodeFleet.network] + NodeFleet.webs(host) + [
                Manifest.network("front", "subnets: [{ subnet: 10.99.0.0/24 }]", "nodeSelector: { n: '2' }"),
                host.container("app", "networks: [front]", "ports: ['8081:80']", "nodeSelector: { n: '2' }"),
            ]
        try Files.write(documents.joined(separator: "\n"), to: "\(directory)/site.yaml")
        return directory
    }

    @Test func eachNodePlansForItself() throws {
        try withNodeFleet { fleet in
            try fleet.write { NodeFleet.webs($0) }
            try fleet.startAgents()
            try fleet.awaitReady()
            try fleet.expectNoStaleEntries("at the start")
            let new = try writeNew(fleet)
            let before = try (1...3).map { try restingCensus(fleet, $0) }
            let told = try (1...3).map { try fleet.agent($0).events.count }
            try equalsTheOwnDryRun(fleet, new)
            try asText(fleet, new)
            try refusals(fleet, new)
            try comesWithTheManifests(fleet)
            for number in 1...3 {
                var difference = ""
                _ = try eventually(within: .seconds(20)) {
                    difference = try before[number - 1].difference(to: census(fleet, number))
                    return difference.isEmpty
                }
                #expect(difference == "", "n\(number)")
                #expect(try fleet.agent(number).events.count == told[number - 1], "n\(number) did something")
            }
            try fleet.expectNoQuestions(within: .seconds(1), "after all answers")
            try malformed(fleet)
            try replicas(fleet)
            try absent(fleet, new)
        }
    }

    private func census(_ fleet: NodeFleet, _ number: Int) throws -> Snapshot {
        try fleet.node(number).census(sandboxes: ["web\(number)"], agent: fleet.agent(number).process)
    }

    /// One that is the same twice: what an agent holds open for a moment is none of it.
    private func restingCensus(_ fleet: NodeFleet, _ number: Int) throws -> Snapshot {
        var seen = try census(fleet, number)
        _ = try eventually(within: .seconds(20)) {
            usleep(200_000)
            let last = seen
            seen = try census(fleet, number)
            return last.difference(to: seen).isEmpty
        }
        return seen
    }

    /// From each node the same for all of them, and what each would say itself.
    private func equalsTheOwnDryRun(_ fleet: NodeFleet, _ new: String) throws {
        let asked = try fleet.preview(1, "--all-nodes", "-o", "json", of: new)
        #expect(asked.code == 2 && asked.errors == "", "\(asked)")
        let plans = try #require(asked.json)
        #expect(plans.members?.map(\.name) == ["n1", "n2", "n3"])
        for number in 1...3 {
            let own = try fleet.preview(number, "--node-label", "n=\(number)", "-o", "json", of: new)
            // Node 1 has all of it already, from the same directory.
            #expect(
                own.code == (number == 1 ? 0 : 2) && own.json == plans["n\(number)"], "n\(number): \(own)\n\(asked)")
        }
        let objects = (plans["n2"]?["changes"]?.array ?? []).compactMap { $0["object"]?.string }
        #expect(objects.contains("link br-front"), "\(objects)")
        #expect(plans["n3"]?["changes"]?.array?.contains { $0["object"] == "link br-front" } == false)
        let other = try fleet.preview(3, "--node", "n1", "--node", "n2", "-o", "json", of: new)
        #expect(other.json?["n1"] == plans["n1"] && other.json?["n2"] == plans["n2"] && other.json?["n3"] == nil)
        // A file prunes nothing, and changes nothing where it says what is so.
        let same = try fleet.preview(3, "--node", "n1", "-o", "json", of: "\(fleet.node(1).manifests)/site.yaml")
        #expect(same.code == 0 && same.json?["n1"]?["changes"] == [], "\(same)")
    }

    private func asText(_ fleet: NodeFleet, _ new: String) throws {
        let asked = try fleet.preview(1, "--all-nodes", of: new)
        #expect(asked.code == 2, "\(asked)")
        var parts: [String] = []
        for number in 1...3 {
            let own = try fleet.preview(number, "--node-label", "n=\(number)", of: new)
            parts.append("Node n\(number)\n" + own.output)
        }
        #expect(asked.output == parts.joined(separator: "\n"))
    }

    private func refusals(_ fleet: NodeFleet, _ new: String) throws {
        let unknown = try fleet.preview(1, "--node", "n9", of: new)
        #expect(unknown.code == 1 && unknown.errors.contains("its nodes are n1, n2, n3"), "\(unknown)")
        #expect(try fleet.node(1).reconcile("apply", "--node", "n2", new).code == 64)
        #expect(try fleet.preview(1, "--node", "n2", "--all-nodes", of: new).code == 64)
        let alone = try fleet.router.reconcile("apply", "--dry-run", "--node", "n2", new)
        #expect(alone.code == 1 && alone.errors.contains("this host is not in a fleet"), "\(alone)")
        // What is wrong by itself is told once, and nobody is asked.
        let bad = "\(fleet.router.directory)/bad"
        try Files.write("kind: Nonsense\n", to: "\(bad)/site.yaml")
        let wrong = try fleet.preview(1, "--all-nodes", of: bad)
        #expect(wrong.code == 1 && wrong.output == "" && wrong.errors.contains("site.yaml:1:"), "\(wrong)")
        // Each node keeps its own guard.
        let empty = "\(fleet.router.directory)/empty"
        try Files.write(
            fleet.node(1).container("idle", "networks: [none]", "nodeSelector: { n: '7' }"), to: "\(empty)/b.yaml")
        let mass = try fleet.preview(1, "--node", "n2", "-o", "json", of: empty)
        #expect(mass.code == 1 && mass.output.contains("mass-delete"), "\(mass)")
        let allowed = try fleet.preview(1, "--node", "n2", "--allow-mass-delete", of: empty)
        #expect(allowed.code == 2 && allowed.output.contains("Node n2"), "\(allowed)")
    }

    /// A relative path means the node's own directory, where what it leads to is only to come.
    private func comesWithTheManifests(_ fleet: NodeFleet) throws {
        let directory = "\(fleet.router.directory)/mounts"
        let host = fleet.node(1)
        func write(_ source: String) throws {
            try Files.write(
                ([NodeFleet.network] + NodeFleet.webs(host) + [
                    host.container(
                        "pages", "networks: [none]", "mounts: [{ source: \(source), target: /pages, readOnly: true }]",
                        "nodeSelector: { n: '3' }")
                ]).joined(separator: "\n"), to: "\(directory)/site.yaml")
        }
        try Files.write("hello", to: "\(directory)/pages/index.html")
        try write("./pages")
        let asked = try fleet.preview(1, "--node", "n3", "-o", "json", of: directory)
        #expect(asked.code == 2 && asked.output.contains("\(fleet.node(3).manifests)/pages"), "\(asked)")
        try write("./nothing")
        let missing = try fleet.preview(1, "--node", "n3", "-o", "json", of: directory)
        #expect(missing.code == 1 && missing.output.contains("nothing"), "\(missing)")
    }

    /// Whoever puts nonsense into etcd gets an answer, or none; agents go on.
    private func malformed(_ fleet: NodeFleet) throws {
        let lease = try #require(
            try fleet.etcdctl("lease grant 120").split(separator: " ").map(String.init).first { $0.count == 16 })
        func put(_ key: String, _ value: String) throws {
            try fleet.etcdctl("put --lease=\(lease) $KEYS/\(key) '\(value)'")
        }
        let question = #""set":"default","nodes":["n2"]"#
        try put("asks/nonsense", "no json")
        try put("asks/huge", #"{"kind":"plan","pieces":1,"size":99999999,\#(question)}"#)
        try put("asks/many", #"{"kind":"plan","pieces":99999999,"size":9,\#(question)}"#)
        try put("asks/empty", #"{"kind":"plan","pieces":1,"size":9,\#(question)}"#)
        try put("answers/damaged/.question/0", "abc")
        try put("asks/damaged", #"{"kind":"plan","pieces":1,"size":9,\#(question)}"#)
        try put("asks/unknown", #"{"kind":"dance","pieces":1,"size":9,\#(question)}"#)
        var answered: Set<String> = []
        let isAnswered = try eventually(within: .seconds(30)) {
            answered = Set(
                try fleet.questionKeys().filter { $0.contains("/n2/0/0") }.compactMap {
                    $0.split(separator: "/").dropFirst(3).first.map(String.init)
                })
            return answered == ["huge", "many", "empty", "damaged", "unknown"]
        }
        #expect(isAnswered, "\(answered)")
        #expect(try !fleet.questionKeys().contains { $0.contains("/n1/") || $0.contains("/n3/") }, "they are not asked")
        try fleet.etcdctl("lease revoke \(lease)")
        try fleet.expectNoQuestions(within: .seconds(20), "after nonsense")
    }

    /// All plans together have each replica once, and there it runs when agents have followed them.
    private func replicas(_ fleet: NodeFleet) throws {
        let directory = "\(fleet.router.directory)/replicas"
        func planned(_ action: String, of count: Int, _ more: String...) throws -> [String: [Int]] {
            let documents =
                [NodeFleet.network] + NodeFleet.webs(fleet.node(1)) + [
                    NodeFleet.pinger(fleet.node(1), replicas: count, more)
                ]
            try Files.write(documents.joined(separator: "\n"), to: "\(directory)/site.yaml")
            let asked = try fleet.preview(2, "--all-nodes", "-o", "json", of: directory)
            #expect(asked.code != 1, "\(asked)")
            var found: [String: [Int]] = [:]
            for number in 1...3 {
                for change in asked.json?["n\(number)"]?["changes"]?.array ?? []
                where change["actions"] == .strings([action]) {
                    guard let object = change["object"]?.string, object.hasPrefix("process pinger.") else { continue }
                    found[String(object.dropFirst("process ".count)), default: []].append(number)
                }
            }
            return found
        }
        let expected = try planned("create", of: 5)
        #expect(expected.count == 5 && expected.values.allSatisfy { $0.count == 1 }, "\(expected)")
        try fleet.write { NodeFleet.webs($0) + [NodeFleet.pinger($0, replicas: 5)] }
        let nodes = try fleet.awaitReplicas("pinger", 5)
        #expect(nodes.mapValues { [$0] } == expected)
        try tellWhatIsElsewhere(fleet, nodes)
        #expect(try planned("create", of: 5) == [:])
        // All of them to one node: what is elsewhere now is no namesake there.
        let moved = try planned("create", of: 5, "nodeSelector: { n: '2' }")
        #expect(moved == nodes.filter { $0.value != 2 }.mapValues { _ in [2] }, "\(moved)")
        let going = try planned("delete", of: 2)
        #expect(going == nodes.filter { ["pinger.3", "pinger.4", "pinger.5"].contains($0.key) }.mapValues { [$0] })
        try fleet.write { NodeFleet.webs($0) }
        try fleet.awaitReplicas("pinger", 0)
    }

    /// Replicas on other nodes are not missing here, and whoever asks for one is told where it is.
    private func tellWhatIsElsewhere(_ fleet: NodeFleet, _ nodes: [String: Int]) throws {
        try fleet.awaitReady()
        let graph = try fleet.node(1).reconcile("graph")
        for (replica, node) in nodes {
            #expect(graph.output.contains(replica) == (node == 1), "\(graph)")
            guard node != 1 else { continue }
            for words in [["port", replica], ["inspect", "container/\(replica)"]] {
                let told = try fleet.node(1).reconcile(words)
                #expect(told.code == 1 && told.errors.contains("it is on node n\(node)"), "\(told)")
            }
        }
        #expect(!graph.output.contains("missing"), "\(graph)")
        let status = try fleet.nodeStatus(1).output
        let here = nodes.values.filter { $0 == 1 }.count
        #expect(status.contains("\(here)/\(here) replicas ready, of 5 in the fleet"), "\(status)")
    }

    /// A node that does not answer is named, and so is one that is away; the others' plans are shown.
    private func absent(_ fleet: NodeFleet, _ new: String) throws {
        let process = try fleet.agent(3).process
        var (silent, isNamed) = ("", false)
        // On a busy machine the others may need longer than the time that is given to them.
        for round in 1...3 where !isNamed {
            if round > 1 { try fleet.awaitReady() }
            kill(process, SIGSTOP)
            let result = try fleet.preview(1, "--all-nodes", "--timeout", "4s", "-o", "json", of: new)
            kill(process, SIGCONT)
            let plans = result.json
            #expect(result.code == 1 && plans?["n3"]?["changes"] == nil, "\(result)")
            let code = plans?["n3"]?["diagnostics"]?.array?.first?["code"]?.string
            let areShown = plans?["n1"]?["changes"] != nil && plans?["n2"]?["changes"] != nil
            // Without the option it would take ten seconds.
            isNamed = areShown && code == "node-silent" && result.took < .seconds(10)
            silent = "\(result)"
        }
        #expect(isNamed, "\(silent)")
        let isBack = try eventually(within: .seconds(30)) { try fleet.preview(1, "--node", "n3", of: new).code == 2 }
        #expect(isBack)
        // Its addresses are kept for it, so it is known when its lease is over.
        try fleet.killAgent(3)
        let isAway = try eventually(within: .seconds(60)) { try fleet.entry(3) == nil }
        #expect(isAway)
        let away = try fleet.preview(2, "--all-nodes", of: new)
        #expect(away.code == 1 && away.output.contains("Node n1\n") && away.output.contains("Node n3\n"), "\(away)")
        #expect(away.errors.contains("node n3 is away"), "\(away)")
        // Where this host's own agent does not run, it looks itself.
        let own = try fleet.preview(3, "--node", "n3", "--node-label", "n=3", "-o", "json", of: new)
        let local = try fleet.preview(3, "--node-label", "n=3", "-o", "json", of: new)
        #expect(own.code == local.code && own.json?["n3"] == local.json, "\(own)")
    }
}
