import Containers
import Model
import Planning

/// What is ready, and what is not and why.
public struct StatusReport: Sendable {
    /// How a resource stands.
    public enum State: String, Hashable, Sendable {
        case ready = "Ready"
        case reconciling = "Reconciling"
        case failed = "Failed"
        case suspended = "Suspended"
    }

    /// One resource's line.
    public struct Entry: Hashable, Sendable {
        /// The resource.
        public let resource: ResourceID
        /// How it stands.
        public let state: State
        /// Why it is not ready; empty where it is.
        public let reason: String
        /// Where in the manifests.
        public let source: SourcePosition?
        /// Since when it is suspended, in milliseconds since 1970.
        public var since: Int64?
    }

    /// Every resource that is desired or ours.
    public let entries: [Entry]
    /// The state of the manifests now.
    public let revision: String
    /// The last pass that changed or checked something.
    public let lastPass: LastPass?
    /// The agent that runs; `nil` where none does.
    public let agent: AgentNote?
    /// What the plan warns of, and its notes.
    public let warnings: [Diagnostic]
    /// What containers are run by, or why nothing can.
    public let runtime: Result<RuntimeChoice, Diagnostic>

    /// Which container runtime this host's containers are run by now.
    public static func chooseRuntime() -> Result<RuntimeChoice, Diagnostic> {
        do throws(Diagnostic) { return .success(try RuntimeChoice.look(Cgroups.read())) } catch {
            return .failure(error)
        }
    }

    /// Reports on a look. A difference is what the next pass would change; a failure is what keeps it from doing so,
    /// or kept the last one.
    public init(
        _ look: Look, lastPass: LastPass?, suspensions: Suspensions = Suspensions(),
        agent: AgentNote? = nil, runtime: Result<RuntimeChoice, Diagnostic> = chooseRuntime()
    ) {
        self.runtime = runtime
        revision = look.plan.revision
        warnings = look.plan.diagnostics.filter { $0.severity != .error }
        self.lastPass = lastPass
        self.agent = agent
        let pending = Dictionary(grouping: look.plan.changes, by: \.resource)
        let withheld = Dictionary(grouping: look.plan.withheld, by: \.resource)
        var errors: [ResourceID: String] = [:]
        // What a command cannot learn while etcd is away, the agent knew when it was there.
        let standing = look.facts.fleet?.isKnown == false ? agent?.fleet : nil
        var unseen: Set<ResourceID> = []
        for diagnostic in look.plan.diagnostics where diagnostic.severity == .error {
            if standing != nil, Self.ofUnknownFleet.contains(diagnostic.code) {
                if let resource = diagnostic.resource, resource.kind != .host { unseen.insert(resource) }
                continue
            }
            if let resource = diagnostic.resource { errors[resource] = diagnostic.message }
        }
        let sources = Dictionary(
            look.desired.objects.compactMap { object in
                object.owner.flatMap { owner in object.source.map { (owner, $0) } }
            },
            uniquingKeysWith: min)
        let all = look.desired.resources.union(look.owned).union(pending.keys).union(withheld.keys)
            .union(suspensions.resources.keys).sorted()
        entries = all.map { resource in
            let changes = pending[resource] ?? []
            let standing = resource.kind == .service ? ServiceStanding(resource, look, agent) : nil
            let source = sources[resource] ?? standing?.service?.metadata.position
            if let since = suspensions.since(resource) {
                let differences = Self.reason(withheld[resource] ?? []).map { "; \($0)" } ?? ""
                return Entry(
                    resource: resource, state: .suspended, reason: "since \(Timestamp.text(since))\(differences)",
                    source: source, since: since)
            }
            if let error = errors[resource] {
                return Entry(resource: resource, state: .failed, reason: error, source: source)
            }
            if let told = agent?.state(of: resource) {
                return Entry(resource: resource, state: told.state, reason: told.reason, source: source)
            }
            if unseen.contains(resource) {
                let failure = lastPass?.failures[resource]
                return Entry(
                    resource: resource, state: failure == nil ? .ready : .failed,
                    reason: failure ?? "as its agent knew it when etcd was there", source: source)
            }
            guard let reason = Self.reason(changes) else {
                if let standing {
                    let told = standing.state(agent, lastPass?.failures[resource])
                    return Entry(resource: resource, state: told.state, reason: told.reason, source: source)
                }
                if let reported = Self.reason(withheld[resource] ?? [], drifted: "drifted, reported only") {
                    return Entry(resource: resource, state: .reconciling, reason: reported, source: source)
                }
                let health = agent?.health[resource.name].map(\.status.rawValue)
                let isContainer = resource.kind == .container
                return Entry(
                    resource: resource, state: .ready, reason: isContainer ? health ?? "" : "", source: source)
            }
            if let failure = lastPass?.failures[resource], lastPass?.revision == look.plan.revision {
                return Entry(resource: resource, state: .failed, reason: failure, source: source)
            }
            return Entry(resource: resource, state: .reconciling, reason: reason, source: source)
        }
    }

    /// Codes of what cannot be said of resources while nothing is known of the fleet.
    private static let ofUnknownFleet: Set<String> = ["fleet-unknown", "unclaimed-address"]

    /// The first of some differences, and how many more; `nil` where there are none.
    private static func reason(_ changes: [Change], drifted: String = "drifted") -> String? {
        guard let first = changes.first else { return nil }
        let more = changes.count > 1 ? " and \(changes.count - 1) more" : ""
        return "\(first.cause.kind == .drift ? drifted : "to do"): \(words(first))\(more)"
    }

    private static func words(_ change: Change) -> String {
        let verb =
            switch change.action {
            case .create: "create"
            case .update: "change"
            case .replace: "replace"
            case .delete: "delete"
            }
        let fields = change.fields.map { field in
            "\(field.name) \(field.before?.description ?? "(none)") -> \(field.after?.description ?? "(none)")"
        }
        return "\(verb) \(change.id)" + (fields.isEmpty ? "" : " (\(fields.joined(separator: ", ")))")
    }

    /// True where every resource is ready, and the node a member of its fleet.
    public var isReady: Bool { entries.allSatisfy { $0.state == .ready } && agent?.fleet?.isReady ?? true }

    /// For programs.
    public var json: JSONValue {
        [
            "revision": .string(revision),
            "lastPass": lastPass.map {
                [
                    "time": .string(Timestamp.text($0.time)), "revision": .string($0.revision),
                    "converged": .bool($0.isConverged),
                ]
            } ?? .null,
            "agent": agent.map { ["pid": .int(Int64($0.process)), "detectOnly": .bool($0.detectsOnly)] } ?? .null,
            "fleet": agent?.fleet?.json ?? .null, "rollout": agent?.rollout?.json ?? .null, "runtime": runtimeJSON,
            "resources": .array(
                entries.map {
                    [
                        "resource": .string($0.resource.description), "state": .string($0.state.rawValue),
                        "reason": .string($0.reason), "source": $0.source?.json ?? .null,
                        "since": .optional($0.since.map(Timestamp.text)),
                    ]
                }),
            "diagnostics": .array(warnings.map(\.json)),
        ]
    }

    private var runtimeJSON: JSONValue {
        switch runtime {
        case .success(let choice):
            ["name": .string(choice.name), "path": .string(choice.path), "reason": .string(choice.reason)]
        case .failure(let problem): ["name": nil, "path": nil, "reason": .string(problem.message)]
        }
    }
}
