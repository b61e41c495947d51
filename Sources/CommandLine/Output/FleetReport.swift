import Agent
import Fleet
import Model
import Planning

/// What `fleet status` tells.
struct FleetReport {
    let membership: FleetMembership
    /// `nil` where etcd cannot be read.
    let view: FleetView?
    let problem: Diagnostic?
    let members: [(endpoint: EtcdEndpoint, status: Result<EtcdStatus, Diagnostic>)]
    /// When the first certificate of etcd's members ends; `nil` where the authority is not here.
    let serversEnd: Int64?
    /// Seconds since 1970.
    let now: Int64

    /// What a node runs, by name, and what of it its node says to be not well: of that on a network over all nodes.
    private struct Contents {
        var runs: Set<String> = []
        var unready: Set<String> = []
    }

    /// By node; gone through once, since there may be many of both.
    private let contents: [String: Contents]

    init(
        membership: FleetMembership, view: FleetView?, problem: Diagnostic?,
        members: [(endpoint: EtcdEndpoint, status: Result<EtcdStatus, Diagnostic>)], serversEnd: Int64?, now: Int64
    ) {
        (self.membership, self.view, self.problem) = (membership, view, problem)
        (self.members, self.serversEnd, self.now) = (members, serversEnd, now)
        var contents: [String: Contents] = [:]
        for claim in view?.claims.replicas ?? [] {
            if case .replica(let service, let number) = claim.key {
                contents[claim.node, default: Contents()].runs.insert("\(service).\(number)")
            }
        }
        for endpoint in (view?.endpoints ?? [:]).values.lazy.flatMap(\.values) {
            contents[endpoint.node, default: Contents()].runs.insert(endpoint.container)
            if !endpoint.isHealthy { contents[endpoint.node]?.unready.insert(endpoint.container) }
        }
        self.contents = contents
    }

    var isReady: Bool {
        guard let view, members.allSatisfy({ (try? $0.status.get())?.errors.isEmpty ?? false }) else { return false }
        return view.nodes.values.allSatisfy { health($0) == .ready }
    }

    private var nodes: [NodeEntry] { (view?.nodes ?? [:]).values.sorted { $0.name < $1.name } }

    private func runs(_ node: String) -> [String] { (contents[node]?.runs ?? []).sorted() }

    private func unready(_ node: String) -> [String] { (contents[node]?.unready ?? []).sorted() }

    /// How a node is doing with all that runs on it: a pass can end well though a container is not.
    private func health(_ node: NodeEntry) -> NodeEntry.Health {
        node.health == .ready && !unready(node.name).isEmpty ? .reconciling : node.health
    }

    /// What needs somebody's attention.
    private var warnings: [String] {
        var warnings: [String] = []
        if let end = serversEnd, end - now < 30 * 86400 {
            warnings.append(
                "the certificates of etcd's members end \(time(end)): reconcile fleet renew makes new ones")
        }
        for node in nodes where node.certificateEnds != 0 && node.certificateEnds - now < 7 * 86400 {
            warnings.append("the certificate of node \(node.name) ends \(time(node.certificateEnds))")
        }
        return warnings
    }

    private func time(_ seconds: Int64) -> String { String(Timestamp.text(seconds * 1000).prefix(16)) + "Z" }

    func text(_ style: TextStyle) -> String {
        var rows = [["NODE", "HEALTH", "REVISION", "VTEP", "RUNS"]]
        for node in nodes {
            let runs = runs(node.name)
            let shown = runs.prefix(6).joined(separator: " ") + (runs.count > 6 ? " and \(runs.count - 6) more" : "")
            let unready = unready(node.name)
            let words = [node.message, unready.isEmpty ? nil : "not ready: \(unready.joined(separator: ", "))"]
                .compactMap { $0 }
            rows.append([
                node.name + (node.name == membership.node ? " *" : ""), health(node).rawValue,
                node.revision.isEmpty ? "-" : String(node.revision.prefix(12)), node.vtep?.description ?? "-",
                words.isEmpty ? shown : "\(shown) # \(words.joined(separator: "; "))",
            ])
        }
        var out = "Fleet \(membership.fleet), seen from node \(membership.node). "
        out +=
            "Others take what a node runs when it is silent for \(membership.leaseSeconds)s.\n\n" + TextTable.text(rows)
        if view == nil { out += style.red("etcd cannot be read: what nodes run goes on running") + "\n" }
        rows = [["ETCD", "STATE"]]
        for member in members {
            switch member.status {
            case .success(let status):
                let state =
                    status.errors.isEmpty
                    ? (status.hasLeader ? "ready" : "no leader") : status.errors.joined(separator: ", ")
                rows.append([
                    member.endpoint.description, "\(state), \(status.version), \(status.databaseSize / 1024) KiB",
                ])
            case .failure(let problem): rows.append([member.endpoint.description, problem.message])
            }
        }
        out += "\n" + TextTable.text(rows)
        if let line = view.flatMap({ RolloutReport($0).line }) { out += "\n\(line)\n" }
        for warning in warnings { out += style.yellow("warning: \(warning)") + "\n" }
        return out
    }

    var json: JSONValue {
        .object([
            .init("fleet", .string(membership.fleet)), .init("node", .string(membership.node)),
            .init("leaseSeconds", .int(Int64(membership.leaseSeconds))),
            .init("revision", .int(view?.revision ?? 0)),
            .init(
                "nodes",
                .array(
                    nodes.map { node in
                        [
                            "name": .string(node.name), "health": .string(health(node).rawValue),
                            "message": .optional(node.message), "revision": .string(node.revision),
                            "vtep": .optional(node.vtep?.description), "labels": .strings(node.labels),
                            "certificateEnds": .int(node.certificateEnds), "runs": .strings(runs(node.name)),
                            "unready": .strings(unready(node.name)),
                        ]
                    })),
            .init(
                "etcd",
                .array(
                    members.map { member in
                        switch member.status {
                        case .success(let status):
                            [
                                "endpoint": .string(member.endpoint.description), "version": .string(status.version),
                                "databaseSize": .int(status.databaseSize), "hasLeader": .bool(status.hasLeader),
                                "alarms": .strings(status.errors),
                            ]
                        case .failure(let problem):
                            ["endpoint": .string(member.endpoint.description), "problem": problem.json]
                        }
                    })),
            .init("rollout", view.map { RolloutReport($0).json } ?? .null),
            .init("warnings", .strings(warnings)), .init("problem", problem?.json ?? .null),
        ])
    }
}
