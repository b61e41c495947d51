import Glibc
import Model
import Testing

extension NodeFleet {
    /// The network of these tests.
    static let network = Manifest.network(
        "overnet", driver: "overlay", "subnets: [{ subnet: 10.77.0.0/24 }, { subnet: 'fd00:77::/64' }]")

    /// Writes the same manifests on all nodes; `more` is what follows the network, made for a host.
    func write(_ numbers: [Int] = [1, 2, 3], _ more: (TestHost) -> [String]) throws {
        for number in numbers {
            let host = node(number)
            try host.write(([Self.network] + more(host)).joined(separator: "\n"))
        }
    }

    /// A container on each node, `web1` to `web3`, that serves pages.
    static func webs(_ host: TestHost) -> [String] {
        (1...size).map { number in
            host.container("web\(number)", "networks: [overnet]", "nodeSelector: { n: '\(number)' }")
        }
    }

    /// A service on the network, whose replicas serve pages at port 9090 of each node.
    static func pinger(_ host: TestHost, replicas: Int, _ more: [String] = []) -> String {
        let lines = (["ports: ['9090:80']"] + more).joined(separator: "\n  ")
        return host.service("pinger", replicas: replicas, template: ["networks: [overnet]"], lines)
    }

    /// The containers whose processes run on a node, as its control groups tell.
    func running(_ number: Int) -> Set<String> {
        let names = node(number).cgroups.compactMap { group -> String? in
            guard !Files.read(group + "/cgroup.procs").isEmpty, let last = group.split(separator: "/").last,
                let dash = last.lastIndex(of: "-")
            else { return nil }
            return String(last[..<dash])
        }
        return Set(names.filter { !$0.hasPrefix("reconcile") })
    }

    /// Which nodes run which replica of a service.
    func replicas(_ service: String, on numbers: [Int] = [1, 2, 3]) -> [String: [Int]] {
        var found: [String: [Int]] = [:]
        for number in numbers {
            for name in running(number) where name.hasPrefix(service + ".") { found[name, default: []].append(number) }
        }
        return found
    }

    /// Waits until each of a service's replicas runs, once; answers with the nodes.
    func awaitRunning(
        _ service: String, _ count: Int, on numbers: [Int] = [1, 2, 3], within timeout: Duration = .seconds(60),
        source: SourceLocation = #_sourceLocation
    ) throws -> [String: Int] {
        var found: [String: [Int]] = [:]
        let isThere = eventually(within: timeout) {
            found = replicas(service, on: numbers)
            return found.count == count && found.values.allSatisfy { $0.count == 1 }
        }
        try #require(isThere, "\(found)", sourceLocation: source)
        return found.mapValues { $0[0] }
    }

    /// Waits until each runs, and for a while until traffic is led to it.
    @discardableResult
    func awaitReplicas(
        _ service: String, _ count: Int, on numbers: [Int] = [1, 2, 3], within timeout: Duration = .seconds(60),
        source: SourceLocation = #_sourceLocation
    ) throws -> [String: Int] {
        let found = try awaitRunning(service, count, on: numbers, within: timeout, source: source)
        _ = try eventually(within: .seconds(20)) {
            // While etcd does not answer nobody is told of.
            let nodes = try status(from: numbers[0])["nodes"]?.array ?? []
            return !nodes.isEmpty
                && nodes.allSatisfy { node in
                    !(node["unready"]?.array ?? []).contains { $0.string?.hasPrefix(service + ".") == true }
                }
        }
        return found
    }

    /// Runs a command in a container.
    func exec(_ number: Int, _ container: String, _ command: String) throws -> CommandResult {
        try node(number).reconcile("exec", container, "--", "sh", "-c", command)
    }

    /// Waits until a ping from a container is answered; `target` may have options before it.
    func awaitPing(
        _ number: Int, _ container: String, _ target: String, _ when: String = "",
        source: SourceLocation = #_sourceLocation
    ) throws {
        var last = ""
        let isAnswered = try eventually(within: .seconds(30)) {
            let ping = try exec(number, container, "ping -c 1 -W 2 \(target)")
            last = "\(ping)"
            return ping.code == 0
        }
        #expect(isAnswered, "n\(number) \(when): \(last)", sourceLocation: source)
    }

    /// The main process of a container that runs.
    func pid(_ number: Int, _ container: String) throws -> Int32 { try node(number).pid(container) }

    /// Expects that a node's agent changed nothing since. What is only told, and not done, is no change.
    func expectNoChange(
        _ number: Int, after count: Int, _ when: String = "", source: SourceLocation = #_sourceLocation
    ) throws {
        let changes = try changes(number, after: count).filter { !$0.hasPrefix("failed") }
        #expect(changes == [], "n\(number) \(when):\n\(changes.joined(separator: "\n"))", sourceLocation: source)
    }

    /// The events of a node's agents that tell of something that was made, changed or removed, a line each.
    func changes(_ number: Int, after count: Int = 0) throws -> [String] {
        try agent(number).events.dropFirst(count).compactMap { event in
            let kinds = ["created", "updated", "replaced", "deleted", "drift", "failed"]
            guard let kind = event["event"]?.string, kinds.contains(kind) else { return nil }
            let parts = [event["resource"], event["object"], event["field"], event["cause"]]
            return ([kind] + parts.compactMap { $0?.string }).joined(separator: " | ")
        }
    }
}
