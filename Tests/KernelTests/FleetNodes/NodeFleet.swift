import Foundation
import Glibc
import Model
import Testing

/// A fleet as it is run: three hosts as nodes with an agent each, a host with a real etcd that only they may talk to, and
/// a router between all of them, each on a subnet of its own.
final class NodeFleet {
    static let size = 3
    /// The name of the fleet: nobody on the wire may read it.
    static let name = "fleet-secret"
    /// The lease of a node, in seconds.
    static let lease = 10

    let underlay: OverlayFleet.Underlay
    let router: TestHost
    /// Where etcd runs.
    let control: TestHost
    let nodes: [TestHost]
    private(set) var agents: [Int: RunningAgent] = [:]
    private var etcd: RunningCommand?
    private var flags = ""

    init(_ underlay: OverlayFleet.Underlay, router: TestHost, control: TestHost, nodes: [TestHost]) throws {
        try Self.check()
        (self.underlay, self.router, self.control, self.nodes) = (underlay, router, control, nodes)
        for (number, host) in [(9, control)] + (1...Self.size).map({ ($0, nodes[$0 - 1]) }) {
            try router.lead(to: host, number, underlay)
        }
        try router.sh(
            "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; sleep 0.1")
    }

    private static func check() throws {
        let places = ["/usr/sbin", "/usr/bin", "/usr/local/bin"]
        for program in ["etcd", "etcdctl"] where !places.contains(where: { access("\($0)/\(program)", X_OK) == 0 }) {
            throw Failure("these tests need \(program)")
        }
    }

    func node(_ number: Int) -> TestHost { nodes[number - 1] }

    /// etcd's address, as nodes are told it.
    var endpoint: String { host(9) }

    /// A host's address as it stands before a port.
    func host(_ number: Int) -> String {
        underlay == .ipv4 ? underlay.address(number) : "[\(underlay.address(number))]"
    }

    /// Runs a command of the fleet on a node; fails where that fails.
    @discardableResult
    func fleet(_ number: Int, _ command: String..., expecting code: Int32? = 0) throws -> String {
        let host = node(number)
        let result = try host.reconcileFleet(command + ["--data-dir", host.data, "--no-color"]) {
            code == nil || $0.code == code
        }
        return result.output + result.errors
    }

    /// Begins the fleet on node 1, starts etcd with the flags that this prints, and lets the others in.
    func begin() throws {
        let printed = try fleet(1, "init", "--etcd", endpoint, "--name", Self.name, "--node", "n1")
        guard let start = printed.range(of: "\netcd "), let end = printed[start.upperBound...].range(of: "\n\n")
        else { throw Failure("no flags of etcd in \(printed)") }
        let authority = "\(node(1).data)/fleet/authority/etcd"
        guard let folder = Files.names(authority).first else { throw Failure("no folder in \(authority)") }
        try control.sh("cp -r '\(authority)/\(folder)' \(control.directory)/etcd")
        flags = String(printed[start.upperBound..<end.lowerBound]).replacing("\\\n", with: " ")
            .replacing("/var/lib/etcd/default", with: "\(control.directory)/etcd-data")
            .replacing("/etc/etcd/reconcile", with: "\(control.directory)/etcd")
        try startEtcd()
        for number in 2...Self.size {
            let file = "\(node(1).directory)/n\(number).fleet"
            try fleet(1, "invite", "n\(number)", "--file", file)
            try fleet(number, "join", file)
        }
    }

    /// Starts etcd, or starts it again with what it knew; waits until it answers.
    func startEtcd() throws {
        etcd = try control.start("etcd --log-level=error \(flags)")
        guard try eventually(within: .seconds(20), { try status()["etcd"]?.array?.first?["hasLeader"] == true }) else {
            throw Failure("etcd does not answer: \(etcd?.errors ?? "")")
        }
    }

    /// Ends etcd as a crash does.
    func killEtcd() { etcd?.stop() }

    /// Starts the agents of some nodes at the same moment.
    func startAgents(_ numbers: ClosedRange<Int> = 1...size) throws {
        for number in numbers { try startAgent(number, isAwaited: false) }
        for number in numbers {
            guard try eventually(within: .seconds(30), { try node(number).agentProcess() != nil }) else {
                throw Failure("agent \(number) is not ready: \(agents[number]?.command.errors ?? "")")
            }
        }
    }

    /// Starts a node's agent, whose clock may be off by some seconds.
    @discardableResult
    func startAgent(_ number: Int, clock: Int? = nil, isAwaited: Bool = true) throws -> RunningAgent {
        let library = URL(filePath: node(number).binary).deletingLastPathComponent().appending(path: "libWrongClock.so")
        let agent = try node(number).startAgent(
            "--node-label", "n=\(number)",
            environment: clock.map { ["LD_PRELOAD": library.path, "WRONG_CLOCK": "\($0)"] } ?? [:],
            expectReady: isAwaited)
        agents[number] = agent
        return agent
    }

    func agent(_ number: Int) throws -> RunningAgent {
        guard let agent = agents[number] else { throw Failure("no agent on node \(number)") }
        return agent
    }

    /// Kills an agent as a crash does.
    func killAgent(_ number: Int) throws { try agent(number).stop(SIGKILL) }

    /// Takes a node off the network, or puts it back.
    func cut(_ number: Int, _ isCut: Bool = true) throws {
        try router.sh("ip link set to\(number) \(isCut ? "down" : "up")")
        guard !isCut else { return }
        // A link that was down has lost its IPv6 address.
        if underlay == .ipv6 {
            try router.sh(
                "ip address replace \(underlay.gateway(number))/\(underlay.length) dev to\(number) nodad")
        }
    }

    /// What `fleet status` tells, asked on a node.
    func status(from number: Int = 1) throws -> JSONValue {
        let host = node(number)
        // What is wrong with it is said beside the document.
        let result = try host.reconcile("fleet", "status", "-o", "json", "--data-dir", host.data, "--no-color")
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    /// What `status` says on a node, which has its label from the command line here.
    func nodeStatus(_ number: Int, _ options: String...) throws -> CommandResult {
        try node(number).reconcile(["status", "--node-label", "n=\(number)"] + options)
    }

    /// A node as `fleet status` tells of it. While etcd does not answer it tells of none, so that is waited for.
    func entry(_ number: Int, from other: Int = 1) throws -> JSONValue? {
        var nodes: [JSONValue] = []
        let isKnown = try eventually(within: .seconds(30)) {
            nodes = try status(from: other)["nodes"]?.array ?? []
            return !nodes.isEmpty
        }
        guard isKnown else { throw Failure("n\(other) is told of no node at all") }
        return nodes.first { $0["name"]?.string == "n\(number)" }
    }

    /// Waits until some nodes are members and ready.
    func awaitReady(_ numbers: [Int] = [1, 2, 3], source: SourceLocation = #_sourceLocation) throws {
        var seen: JSONValue?
        let isReady = try eventually(within: .seconds(40)) {
            seen = try status(from: numbers[0])
            return numbers.allSatisfy { number in
                seen?["nodes"]?.array?.contains {
                    $0["name"]?.string == "n\(number)" && $0["health"]?.string == "ready"
                        && $0["unready"]?.array?.isEmpty == true
                } == true
            }
        }
        let logs = numbers.map { "n\($0):\n" + (agents[$0]?.command.errors.suffix(2000) ?? "") }.joined(separator: "\n")
        try #require(isReady, "\(seen?.text() ?? "")\n\(logs)", sourceLocation: source)
        try awaitQuiet(numbers)
    }

    /// Waits, ten seconds at most, until agents have told nothing for half a second: names are served a moment after
    /// all else is ready.
    private func awaitQuiet(_ numbers: [Int]) throws {
        func counts() -> [Int?] { numbers.map { agents[$0]?.events.count } }
        var known = counts()
        for _ in 0..<20 {
            usleep(500_000)
            let now = counts()
            if now == known { return }
            known = now
        }
    }
}

/// Gives `body` a fleet that has begun, without agents, and takes it away after.
func withNodeFleet(_ underlay: OverlayFleet.Underlay = .ipv4, _ body: (NodeFleet) throws -> Void) throws {
    // Some of these tests wait for many leases to end.
    let lifetime = Duration.seconds(1200)
    try withHost(lifetime: lifetime) { router in
        try withHost(lifetime: lifetime) { control in
            try withHost(lifetime: lifetime) { first in
                try withHost(lifetime: lifetime) { second in
                    try withHost(lifetime: lifetime) { third in
                        let fleet = try NodeFleet(
                            underlay, router: router, control: control, nodes: [first, second, third])
                        try fleet.begin()
                        try body(fleet)
                    }
                }
            }
        }
    }
}
