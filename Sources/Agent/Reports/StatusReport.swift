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
    }

    /// Every resource that is desired or ours.
    public let entries: [Entry]
    /// The state of the manifests now.
    public let revision: String
    /// The last pass that changed or checked something.
    public let lastPass: LastPass?
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
    public init(_ look: Look, lastPass: LastPass?, runtime: Result<RuntimeChoice, Diagnostic>) {
        self.runtime = runtime
        revision = look.plan.revision
        self.lastPass = lastPass
        let pending = Dictionary(grouping: look.plan.changes, by: \.resource)
        var errors: [ResourceID: String] = [:]
        for diagnostic in look.plan.diagnostics where diagnostic.severity == .error {
            if let resource = diagnostic.resource { errors[resource] = diagnostic.message }
        }
        let sources = Dictionary(
            look.desired.objects.compactMap { object in
                object.owner.flatMap { owner in object.source.map { (owner, $0) } }
            },
            uniquingKeysWith: min)
        let all = look.desired.resources.union(look.owned).union(pending.keys).sorted()
        entries = all.map { resource in
            let changes = pending[resource] ?? []
            let source = sources[resource]
            if let error = errors[resource] {
                return Entry(resource: resource, state: .failed, reason: error, source: source)
            }
            guard let first = changes.first else {
                return Entry(resource: resource, state: .ready, reason: "", source: source)
            }
            if let failure = lastPass?.failures[resource], lastPass?.revision == look.plan.revision {
                return Entry(resource: resource, state: .failed, reason: failure, source: source)
            }
            let more = changes.count > 1 ? " and \(changes.count - 1) more" : ""
            let reason = "\(first.cause.kind == .drift ? "drifted" : "to do"): \(Self.words(first))\(more)"
            return Entry(resource: resource, state: .reconciling, reason: reason, source: source)
        }
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

    /// True where every resource is ready.
    public var isReady: Bool { entries.allSatisfy { $0.state == .ready } }

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
            "runtime": runtimeJSON,
            "resources": .array(
                entries.map {
                    [
                        "resource": .string($0.resource.description), "state": .string($0.state.rawValue),
                        "reason": .string($0.reason), "source": $0.source?.json ?? .null,
                    ]
                }),
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
