import Agent
import Fleet
import Model
import Planning

/// What `fleet rollout status` tells.
struct RolloutReport {
    private let view: FleetView
    private let rollout: FleetRollout

    init(_ view: FleetView) {
        self.view = view
        rollout = FleetRollout(view)
    }

    /// One node's line.
    private struct Line {
        let node: String
        let state: String
        let has: String
        let reason: String?
    }

    /// True where nothing is left to do.
    var isSettled: Bool {
        guard let record = rollout.record else { return true }
        return record.state == .undone ? healthy == rollout.members.count : rollout.isComplete
    }

    /// How many live nodes have what they are to have, and are healthy.
    private var healthy: Int { rollout.members.count { rollout.current($0)?.state == .healthy } }

    /// How the whole stands, in a word.
    var state: String {
        guard let record = rollout.record else { return "none" }
        if record.isPaused { return "paused" }
        return rollout.isComplete ? "complete" : record.state.rawValue
    }

    /// Live nodes, and those that went away on the way.
    private var lines: [Line] {
        let away = rollout.progress.filter { !rollout.live.contains($0.key) && $0.value.state != .direct }.keys
        return rollout.live.union(away).sorted().map { node in
            let progress = rollout.current(node)
            let isLive = rollout.live.contains(node)
            let state = isLive ? progress?.state.rawValue ?? "waiting" : "away"
            return Line(
                node: node, state: state, has: view.nodes[node]?.revision ?? "",
                reason: progress?.reason ?? (isLive ? waiting(state) : "it is no live member"))
        }
    }

    private func waiting(_ state: String) -> String? {
        guard let record = rollout.record, state == RolloutProgress.State.waiting.rawValue else { return nil }
        if record.state == .stopped { return "it keeps what it has" }
        return record.isPaused ? "paused" : record.state == .undone ? nil : "it waits for its turn"
    }

    /// The limits, in a sentence.
    static func limits(_ settings: RolloutSettings) -> String {
        let nodes = settings.maxUnavailable == 1 ? "One node" : "At most \(settings.maxUnavailable) nodes"
        return "\(nodes) at a time; each may take \(settings.healthyWithin / 1000)s to be healthy."
    }

    private var headline: String {
        guard let record = rollout.record else {
            return "No commit was rolled out yet. Nodes whose manifests come from a directory apply changes at once."
        }
        let count = "\(healthy) of \(rollout.members.count) nodes have it"
        let why =
            switch record.state {
            case .running: record.isPaused ? "paused; \(count)" : "\(state); \(count)"
            case .stopped:
                "stopped\(record.isPaused ? " and paused" : "") by node \(record.node ?? "?"): \(record.reason ?? "")"
            case .undone:
                "undone\(record.isPaused ? " and paused" : ""): back to \((record.previous ?? "").prefix(12)); \(count)"
            }
        let previous = record.previous.map { " Before it: \($0.prefix(12))." } ?? ""
        return "Rollout of commit \(record.revision.prefix(12)): \(why).\(record.state == .undone ? "" : previous)"
    }

    func text(_ style: TextStyle) -> String {
        var rows = [["NODE", "STATE", "HAS", "REASON"]]
        for line in lines {
            rows.append([
                line.node + (line.node == view.node ? " *" : ""), line.state,
                line.has.isEmpty ? "-" : String(line.has.prefix(12)), line.reason ?? "",
            ])
        }
        return "\(headline)\n\(Self.limits(rollout.settings))\n\n" + TextTable.text(rows)
    }

    var json: JSONValue {
        let record = rollout.record
        return [
            "state": .string(state), "revision": .optional(record?.revision), "previous": .optional(record?.previous),
            "paused": .bool(record?.isPaused ?? false), "reason": .optional(record?.reason),
            "node": .optional(record?.node), "since": .optional(record.map { Timestamp.text($0.since) }),
            "maxUnavailable": .int(Int64(rollout.settings.maxUnavailable)),
            "healthyWithin": .string("\(rollout.settings.healthyWithin / 1000)s"),
            "nodes": .array(
                lines.map {
                    [
                        "name": .string($0.node), "state": .string($0.state), "revision": .string($0.has),
                        "reason": .optional($0.reason),
                    ]
                }),
        ]
    }

    /// What `fleet status` says of it; `nil` where there is nothing to say.
    var line: String? { rollout.record == nil ? nil : headline }
}
