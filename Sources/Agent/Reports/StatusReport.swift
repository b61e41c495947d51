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
        public var state: State
        /// Why it is not ready, or what else there is to know; empty where there is nothing.
        public var reason: String
        /// Where in the manifests.
        public let source: SourcePosition?
        /// Since when it is suspended, in milliseconds since 1970.
        public var since: Int64?
        /// How its process ended, of a container that does not run.
        public var end: ProcessEnd?
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
    /// What keeps what the manifests say now from being used.
    public let problems: [Diagnostic]
    /// Where manifests have errors what was last good counts: an agent is at work.
    public let isLastGood: Bool
    /// What containers are run by, or why nothing can.
    public let runtime: Result<RuntimeChoice, Diagnostic>

    /// Which container runtime this host's containers are run by now.
    public static func chooseRuntime() -> Result<RuntimeChoice, Diagnostic> {
        do throws(Diagnostic) { return .success(try RuntimeChoice.look(Cgroups.read())) } catch {
            return .failure(error)
        }
    }

    /// Reports on a look. A difference is what the next pass would change; a failure is what keeps it from doing so,
    /// or kept the last one. `input` is what the look was about.
    public init(
        _ look: Look, of input: PassInput? = nil, lastPass: LastPass?, suspensions: Suspensions = Suspensions(),
        agent: AgentNote? = nil, runtime: Result<RuntimeChoice, Diagnostic> = chooseRuntime()
    ) {
        self.runtime = runtime
        problems = ((input?.diagnostics ?? []) + (input?.rejected ?? [])).filter { $0.severity == .error }
        isLastGood = input?.isDegraded ?? false
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
            if let resource = diagnostic.resource, errors[resource] == nil {
                errors[resource] = [diagnostic.message, diagnostic.cause].compactMap { $0 }.joined(separator: ": ")
            }
        }
        let sources = Dictionary(
            look.desired.objects.compactMap { object in
                object.owner.flatMap { owner in object.source.map { (owner, $0) } }
            },
            uniquingKeysWith: min)
        let standings = ManifestStanding(problems, input)
        let all = look.desired.resources.union(look.owned).union(pending.keys).union(withheld.keys)
            .union(suspensions.resources.keys).union(standings.wrong.keys).sorted()
        let ends = Dictionary(
            uniqueKeysWithValues: all.lazy.filter { $0.kind == .container }.compactMap { resource in
                look.end(of: resource.name).map { (resource, $0) }
            })
        let told = all.map { (resource) -> Entry in
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
            if let told = agent?.state(of: resource, end: ends[resource]) {
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
                guard resource.kind == .container else {
                    return Entry(resource: resource, state: .ready, reason: "", source: source)
                }
                // One that is not to run again is as it should be, but not well where its work was not done.
                if let end = ends[resource] {
                    return Entry(
                        resource: resource, state: end.isSuccess ? .ready : .failed, reason: end.description,
                        source: source)
                }
                let health = agent?.health[resource.name].map(\.status.rawValue)
                return Entry(resource: resource, state: .ready, reason: health ?? "", source: source)
            }
            if let failure = lastPass?.failures[resource], lastPass?.revision == look.plan.revision {
                return Entry(resource: resource, state: .failed, reason: failure, source: source)
            }
            return Entry(resource: resource, state: .reconciling, reason: reason, source: source)
        }
        entries = told.map { told in
            var entry = standings.completed(told, isDesired: look.desired.resources.contains(told.resource))
            entry.end = ends[entry.resource]
            return entry
        }
    }

    /// Codes of what cannot be said of resources while nothing is known of the fleet.
    private static let ofUnknownFleet: Set<String> = ["fleet-unknown", "unclaimed-address"]

    /// The first of some differences, and how many more; `nil` where there are none.
    private static func reason(_ changes: [Change], drifted: String = "drifted") -> String? {
        guard let first = changes.first else { return nil }
        let more = changes.count > 1 ? " and \(changes.count - 1) more" : ""
        let cause = first.cause.isTelling ? "; \(first.cause.message)" : ""
        return "\(first.cause.kind == .drift ? drifted : "to do"): \(words(first))\(more)\(cause)"
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
            let unit = change.id.kind.units[field.name]
            return "\(field.name) \(field.before?.text(unit) ?? "(none)") -> \(field.after?.text(unit) ?? "(none)")"
        }
        return "\(verb) \(change.id)" + (fields.isEmpty ? "" : " (\(fields.joined(separator: ", ")))")
    }

    /// True where every resource is ready, the manifests are good and followed, also a commit that is rolled out, and the node
    /// is a member of its fleet.
    public var isReady: Bool {
        problems.isEmpty && !isLastGood && entries.allSatisfy { $0.state == .ready } && agent?.branch?.isReady ?? true
            && agent?.fleet?.isReady ?? true && agent?.rollout?.isFailed != true
    }

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
            "agent": agent.map {
                [
                    "pid": .int(Int64($0.process)), "detectOnly": .bool($0.detectsOnly),
                    "manifests": .string($0.manifests),
                ]
            } ?? .null,
            "lastGood": .bool(isLastGood),
            "branch": agent?.branch?.json ?? .null, "fleet": agent?.fleet?.json ?? .null,
            "rollout": agent?.rollout?.json ?? .null, "runtime": runtimeJSON,
            "resources": .array(
                entries.map {
                    [
                        "resource": .string($0.resource.description), "state": .string($0.state.rawValue),
                        "reason": .string($0.reason), "source": $0.source?.json ?? .null,
                        "since": .optional($0.since.map(Timestamp.text)),
                        "exitCode": $0.end?.exitCode.map { .int(Int64($0)) } ?? .null,
                    ]
                }),
            "diagnostics": .array((problems + warnings).map(\.json)),
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

extension Engine {
    /// Looks as an agent does, whose note is given: where it would hold deletions back, the input is changed so, and says
    /// why.
    public func look(_ input: inout PassInput, as agent: AgentNote?) async throws(Diagnostic) -> Look {
        let look = try await look(input)
        guard let agent, !agent.allowsMassDelete, look.plan.summary.delete > 0,
            let objection = DeletionGuard.check(look.plan, owned: look.owned, desired: look.desired.resources)
        else { return look }
        input.prunes = false
        input.rejected.append(objection)
        return try await self.look(input)
    }
}
