import Glibc
import LinuxHost
import Model

/// What a running agent lets others know: what only it can tell, since it is in no kernel.
public struct AgentNote: Hashable, Sendable {
    /// An object that somebody keeps changing.
    public struct Contended: Hashable, Sendable {
        /// Whose it is.
        public let resource: ResourceID
        /// The object.
        public let object: String
        /// The field that is changed.
        public let field: String
    }

    /// The agent's process.
    public var process: Int32 = 0
    /// The directory, or file, of its manifests, absolute; empty where none is known yet.
    public var manifests = ""
    /// It changes nothing.
    public var detectsOnly = false
    /// It goes on where a change deletes most of what is ours.
    public var allowsMassDelete = false
    /// What fights us, in the order of the objects.
    public var contended: [Contended] = []
    /// Containers that ended and wait for their next start, and until when, in milliseconds since 1970.
    public var waiting: [String: Int64] = [:]
    /// The health of the containers that have a check.
    public var health: [String: Health] = [:]
    /// The replicas of services to which it leads no traffic.
    public var unready: Set<String> = []
    /// The labels of its node, from files and as they were given to it.
    public var nodeLabels: [String: String] = [:]
    /// How it follows its branch; `nil` where its manifests are a directory.
    public var branch: BranchStanding?
    /// How it stands in its fleet; `nil` on a host that is in none.
    public var fleet: FleetStanding?
    /// How this node stands in the rollout of its fleet; `nil` without a fleet.
    public var rollout: RolloutStanding?

    /// An agent that has nothing to tell.
    public init() {}

    private static func file(_ settings: EngineSettings) -> MemoryFile {
        MemoryFile(directory: "\(settings.runtimeDirectory)/\(settings.set)", name: "agent.json")
    }

    /// The note of a set's agent; `nil` where none is running.
    public static func read(_ settings: EngineSettings) -> AgentNote? {
        guard let json = file(settings).read(), let process = json["pid"]?.int,
            PassLock.holder(settings.set) == Int32(truncatingIfNeeded: process)
        else { return nil }
        var note = AgentNote()
        note.process = Int32(truncatingIfNeeded: process)
        note.manifests = json["manifests"]?.string ?? ""
        note.detectsOnly = json["detectOnly"]?.bool ?? false
        note.allowsMassDelete = json["allowMassDelete"]?.bool ?? false
        note.contended = (json["contended"]?.array ?? []).compactMap { item in
            guard let resource = item["resource"]?.string.flatMap({ ResourceID($0) }) else { return nil }
            return Contended(
                resource: resource, object: item["object"]?.string ?? "", field: item["field"]?.string ?? "")
        }
        for member in json["waiting"]?.members ?? [] { note.waiting[member.name] = member.value.int }
        note.branch = json["branch"].flatMap { BranchStanding(json: $0) }
        note.fleet = json["fleet"].flatMap { FleetStanding(json: $0) }
        note.unready = Set((json["unready"]?.array ?? []).compactMap(\.string))
        for member in json["nodeLabels"]?.members ?? [] { note.nodeLabels[member.name] = member.value.string }
        note.rollout = json["rollout"].flatMap { RolloutStanding($0) }
        for member in json["health"]?.members ?? [] {
            guard let status = member.value["status"]?.string.flatMap({ Health.Status(rawValue: $0) }) else { continue }
            note.health[member.name] = Health(
                status: status, failures: Int(member.value["failures"]?.int ?? 0),
                output: member.value["output"]?.string ?? "")
        }
        return note
    }

    /// True where only the times differ.
    func tellsTheSame(as other: AgentNote) -> Bool {
        var own = self
        var others = other
        own.waiting = waiting.mapValues { _ in 0 }
        others.waiting = other.waiting.mapValues { _ in 0 }
        return own == others
    }

    /// Writes it; one that cannot be written is only missed by `status`.
    func write(_ settings: EngineSettings) { try? Self.file(settings).write(json) }

    /// Asks the agent for a full pass (SIGHUP).
    public func wake() { kill(process, SIGHUP) }

    /// Removes it.
    static func forget(_ settings: EngineSettings) { try? file(settings).write(nil) }

    private var json: JSONValue {
        [
            "pid": .int(Int64(process)), "manifests": .string(manifests), "detectOnly": .bool(detectsOnly),
            "allowMassDelete": .bool(allowsMassDelete),
            "contended": .array(
                contended.map {
                    [
                        "resource": .string($0.resource.description), "object": .string($0.object),
                        "field": .string($0.field),
                    ]
                }),
            "unready": .strings(unready.sorted()), "fleet": fleet?.json ?? .null,
            "branch": branch?.json ?? .null,
            "rollout": rollout?.json ?? .null,
            "nodeLabels": .object(nodeLabels.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }),
            "waiting": .object(waiting.sorted { $0.key < $1.key }.map { .init($0.key, .int($0.value)) }),
            "health": .object(
                health.sorted { $0.key < $1.key }.map { name, health in
                    JSONValue.Member(
                        name,
                        [
                            "status": .string(health.status.rawValue), "failures": .int(Int64(health.failures)),
                            "output": .string(health.output),
                        ])
                }),
        ]
    }
}

extension EngineSettings {
    /// The settings with which an agent's node is looked at: with the labels that only the agent was given, unless others
    /// are asked for.
    public func `as`(_ agent: AgentNote?) -> EngineSettings {
        var settings = self
        if nodeLabels.isEmpty, let agent { settings.nodeLabels = agent.nodeLabels }
        return settings
    }
}
