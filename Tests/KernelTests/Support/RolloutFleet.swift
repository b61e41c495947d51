import Foundation
import Model
import Testing

/// Three nodes with a real etcd on the first one and a router between, whose agents follow a git repository.
final class RolloutFleet {
    let hosts: OverlayFleet
    private(set) var agents: [Int: RunningAgent] = [:]
    private var etcd: RunningCommand?

    /// What nodes say of one commit: when it was.
    struct Turn: Hashable {
        let node: Int
        let begin: String
        let end: String
    }

    init(_ hosts: OverlayFleet) throws {
        self.hosts = hosts
        try command(1, "init", "--etcd", "192.0.1.2", "--name", "demo", "--node", "n1")
        try startEtcd()
        for number in 2...OverlayFleet.size {
            let file = "\(hosts.router.directory)/n\(number).fleet"
            try command(1, "invite", "n\(number)", "--file", file)
            try command(number, "join", file)
        }
    }

    func host(_ node: Int) -> TestHost { hosts.node(node) }
    private var repository: String { hosts.router.directory + "/repository" }
    /// The manifests that were committed last.
    var file: String { repository + "/site.yaml" }

    /// Runs a command of a fleet on a node; fails where it fails.
    @discardableResult
    func command(_ node: Int, _ arguments: String...) throws -> String {
        try host(node).reconcileFleet(arguments).text
    }

    func startEtcd() throws {
        let host = host(1)
        let files = "\(host.data)/fleet/authority/etcd/192.0.1.2"
        let process = try host.start(
            """
            etcd --name e1 --data-dir \(host.directory)/etcd --log-level error \
            --listen-client-urls https://192.0.1.2:2379 --advertise-client-urls https://192.0.1.2:2379 \
            --listen-peer-urls http://127.0.0.1:2380 --client-cert-auth --trusted-ca-file \(files)/ca.pem \
            --cert-file \(files)/server.pem --key-file \(files)/server.key --client-crl-file \(files)/crl.pem
            """)
        etcd = process
        let isThere = try eventually(within: .seconds(20)) {
            try host.reconcile("fleet", "status", "-o", "json").output.contains("\"hasLeader\": true")
        }
        guard isThere else { throw Failure("etcd does not answer: \(process.errors)\(process.output)") }
    }

    func killEtcd() { etcd?.stop() }

    /// Commits manifests: a network with an MTU, and a container that every node runs. Answers with the commit.
    @discardableResult
    func commit(_ mtu: Int, _ spec: String...) throws -> String {
        let network = Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]", "mtu: \(mtu)")
        let lines = ["environment: { N: '\(mtu)' }", "networks: [none]"] + (spec.isEmpty ? ["restart: always"] : spec)
        let web = host(1).container("web", command: ["sleep", "1d"], lines.joined(separator: "\n  "))
        return try commit(text: network + "\n" + web)
    }

    /// Commits a text as the manifests.
    @discardableResult
    func commit(text: String) throws -> String {
        try hosts.router.sh("[ -e \(repository) ] || git init -q -b main \(repository)")
        try Files.write(text, to: file)
        let git = "git -C \(repository) -c user.name=Alice -c user.email=alice@example.com"
        return try hosts.router.sh("\(git) add . && \(git) commit -q -m change && \(git) rev-parse HEAD")
    }

    /// Starts a node's agent; it needs no first pass to be running.
    func start(_ node: Int) throws {
        agents[node] = try host(node).startAgent(
            "--git", "file://\(repository)", "--interval", "1s", "--node-label", "n=\(node)", expectReady: false)
    }

    func startAll() throws { for node in 1...OverlayFleet.size { try start(node) } }

    func agent(_ node: Int) throws -> RunningAgent {
        guard let agent = agents[node] else { throw Failure("no agent was started on n\(node)") }
        return agent
    }

    /// Ends an agent without a word.
    func kill(_ node: Int) throws {
        try agent(node).command.stop()
        agents[node] = nil
    }

    /// `fleet rollout status`, for programs.
    func status(from node: Int = 1) throws -> JSONValue {
        let result = try host(node).reconcileFleet(["rollout", "status", "-o", "json"]) { !$0.output.isEmpty }
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    /// The states of the nodes as the rollout has them.
    func states() throws -> [String: String] {
        var states: [String: String] = [:]
        for node in try status()["nodes"]?.array ?? [] {
            states[node["name"]?.string ?? ""] = node["state"]?.string ?? ""
        }
        return states
    }

    /// Waits until the rollout is in some state, of some commit.
    func await(
        _ state: String, of commit: String, within timeout: Duration = .seconds(180),
        source: SourceLocation = #_sourceLocation
    ) throws {
        var seen = JSONValue.null
        let isThere = try eventually(within: timeout) {
            seen = try status()
            return seen["state"]?.string == state && seen["revision"]?.string == commit
        }
        guard isThere else {
            let events = agents.sorted { $0.key < $1.key }.map { node, agent in
                "n\(node):\n" + agent.events.suffix(12).map { $0.text() }.joined(separator: "\n")
            }
            throw Failure("the rollout is not \(state): \(seen.text())\n" + events.joined(separator: "\n"))
        }
    }

    /// Waits until a node says something of a commit; answers with its number. `nil`: any node.
    func awaitNode(
        _ state: String, of commit: String, reason: String = "", within timeout: Duration = .seconds(60)
    ) throws -> Int {
        var found: Int?
        _ = eventually(within: timeout) {
            found = agents.keys.sorted().first { node in
                said(node, of: commit).contains { $0.state == state && (reason.isEmpty || $0.reason.contains(reason)) }
            }
            return found != nil
        }
        guard let found else {
            throw Failure("no node is \(state): \(agents.keys.sorted().map { said($0, of: commit) })")
        }
        return found
    }

    /// What a node said of itself and a commit, with the time.
    func said(_ node: Int, of commit: String) -> [(time: String, state: String, reason: String)] {
        let events = RunningAgent.events(of: host(node))
        return events.compactMap { event in
            guard event["event"]?.string == "rollout", event["field"]?.string == "node",
                event["object"]?.string == "commit \(commit.prefix(12))", let time = event["time"]?.string
            else { return nil }
            return (time, event["observed"]?.string ?? "", event["cause"]?.string ?? "")
        }
    }

    /// When each node was changing to a commit, by its own events; what is not over is an error.
    func turns(_ commit: String) throws -> [Turn] {
        try (1...OverlayFleet.size).map { node in
            let said = said(node, of: commit)
            guard let begin = said.first(where: { $0.state == "changing" }),
                let end = said.last(where: { $0.state == "healthy" })
            else { throw Failure("n\(node) did not take \(commit): \(said)") }
            return Turn(node: node, begin: begin.time, end: end.time)
        }.sorted { $0.begin < $1.begin }
    }

    /// Expects that no two nodes were changing at one time, and that what was replaced was so within its node's turn.
    func expectOneAtATime(_ commit: String, source: SourceLocation = #_sourceLocation) throws {
        let turns = try turns(commit)
        for (one, next) in zip(turns, turns.dropFirst()) {
            #expect(one.end < next.begin, "\(turns)", sourceLocation: source)
        }
        for turn in turns {
            let replaced = RunningAgent.events(of: host(turn.node)).filter {
                $0["event"]?.string == "replaced" && $0["object"]?.string == "process web"
                    && $0["revision"]?.string == commit
            }
            #expect(replaced.count == 1, "n\(turn.node)", sourceLocation: source)
            for event in replaced {
                let time = event["time"]?.string ?? ""
                #expect(turn.begin < time && time < turn.end, "\(turn): \(event)", sourceLocation: source)
            }
        }
    }

    /// The commit that a node has in force, and what it says of the rollout.
    func nodeStatus(_ node: Int) throws -> (revision: String, rollout: JSONValue) {
        let result = try host(node).reconcile("status", "-o", "json")
        let json = try JSONValue(parsing: Array(result.output.utf8))
        return (json["revision"]?.string ?? "", json["rollout"] ?? .null)
    }

    /// Expects that drift on a node is repaired to an MTU.
    func expectRepaired(_ node: Int, to mtu: Int, source: SourceLocation = #_sourceLocation) throws {
        try host(node).sh("ip link set br-front mtu 1290")
        try host(node).awaitMTU(mtu, "n\(node) repairs", source: source)
    }
}

extension TestHost {
    /// Runs a command of a fleet until it is done; fails where it fails. On a slow machine etcd may take longer for an
    /// answer than the command waits, and then it is run again.
    func reconcileFleet(
        _ arguments: [String], _ isDone: (CommandResult) -> Bool = { $0.isSuccess }
    ) throws -> CommandResult {
        var result = try reconcile(["fleet"] + arguments)
        _ = try eventually(within: .seconds(30)) {
            guard !isDone(result), result.isEtcdAway else { return true }
            result = try reconcile(["fleet"] + arguments)
            return false
        }
        guard isDone(result) else { throw Failure("\(result)") }
        return result
    }
}

extension CommandResult {
    /// True where a command came to nothing because etcd did not answer it.
    var isEtcdAway: Bool {
        code != 0
            && ["does not answer in time", "cannot be reached", "has no leader"].contains {
                errors.contains($0) || output.contains($0)
            }
    }
}

extension RunningAgent {
    /// The events of a host's agents, oldest first.
    static func events(of host: TestHost) -> [JSONValue] {
        (Files.read(host.data + "/events.jsonl.1") + Files.read(host.data + "/events.jsonl")).lines
            .compactMap { try? JSONValue(parsing: Array($0.utf8)) }
    }
}

/// Gives `body` a fleet in which each node may take a minute to be healthy.
func withRolloutFleet(_ body: (RolloutFleet) throws -> Void) throws {
    try withFleet(.ipv4) { hosts in
        let fleet = try RolloutFleet(hosts)
        try fleet.command(1, "rollout", "set", "--healthy-within", "60s")
        try body(fleet)
        for node in fleet.agents.keys { try fleet.kill(node) }
    }
}
