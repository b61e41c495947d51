import LinuxHost
import Model

/// What is suspended: left alone, whatever it looks like, until it is resumed. Kept in
/// `<data-dir>/memory/suspended-SET.json`, so that it outlives restarts and reboots.
public struct Suspensions: Hashable, Sendable {
    /// Since when everything of the set is suspended, in milliseconds since 1970; `nil` where it is not.
    public private(set) var all: Int64?
    /// Single resources, and since when, in milliseconds since 1970.
    public private(set) var resources: [ResourceID: Int64] = [:]
    /// What was resumed while everything else stays suspended.
    public private(set) var resumed: Set<ResourceID> = []

    /// Nothing is suspended.
    public init() {}

    /// True where everything of the set is suspended, without exception.
    public var isAll: Bool { all != nil && resumed.isEmpty }

    /// True where nothing is.
    public var isEmpty: Bool { all == nil && resources.isEmpty }

    /// Forgets what was resumed of services that are not suspended any more.
    private mutating func tidy() {
        if all == nil { resumed = resumed.filter { $0.service.map { resources[$0] != nil } ?? false } }
    }

    /// Whether a resource is suspended, itself or with everything. What networks share on the host is only where
    /// everything is.
    public func isSuspended(_ resource: ResourceID) -> Bool { since(resource) != nil }

    /// Since when a resource is suspended, in milliseconds since 1970; `nil` where it is not.
    public func since(_ resource: ResourceID) -> Int64? {
        if resource.kind == .host { return isAll ? all : nil }
        if let since = resources[resource] { return since }
        if resumed.contains(resource) { return nil }
        // A service is suspended with all its replicas.
        if let service = resource.service { return since(service) }
        return all
    }

    /// Suspends a resource. False where it was suspended: its time stays.
    public mutating func suspend(_ resource: ResourceID, at time: Int64) -> Bool {
        guard !isSuspended(resource) else { return false }
        resumed.remove(resource)
        resumed = resumed.filter { $0.service != resource }
        if !isSuspended(resource) { resources[resource] = time }
        return true
    }

    /// Suspends everything. False where everything was suspended.
    public mutating func suspendAll(at time: Int64) -> Bool {
        guard !isAll else { return false }
        all = all ?? time
        resumed = []
        return true
    }

    /// Resumes a resource. False where it was not suspended.
    public mutating func resume(_ resource: ResourceID) -> Bool {
        guard isSuspended(resource) else { return false }
        resources[resource] = nil
        resumed = resumed.filter { $0.service != resource }
        if isSuspended(resource) { resumed.insert(resource) }
        tidy()
        return true
    }

    /// Resumes everything. False where nothing was suspended.
    public mutating func resumeAll() -> Bool {
        guard !isEmpty else { return false }
        self = Suspensions()
        return true
    }

    /// What a plan says of it: one note a resource that it concerns, or one for all.
    func notes(on concerned: Set<ResourceID>) -> [Diagnostic] {
        if isAll, let all {
            return [Diagnostic(.note, code: "suspended", "everything is suspended since \(Timestamp.text(all))")]
        }
        return concerned.sorted().compactMap { resource in
            guard resource.kind != .host, let since = since(resource) else { return nil }
            return Diagnostic(
                .note, code: "suspended", "\(resource) is suspended since \(Timestamp.text(since))", resource: resource)
        }
    }
}

extension Suspensions {
    private static func file(_ settings: EngineSettings) -> MemoryFile {
        MemoryFile(directory: "\(settings.dataDirectory)/memory", name: fileName(settings))
    }

    /// The name of a set's file in `<data-dir>/memory`, for those who watch it.
    public static func fileName(_ settings: EngineSettings) -> String { "suspended-\(settings.set).json" }

    /// What is suspended in a set.
    public static func read(_ settings: EngineSettings) -> Suspensions {
        var suspensions = Suspensions()
        guard let json = file(settings).read() else { return suspensions }
        suspensions.all = json["all"]?.int
        for member in json["resources"]?.members ?? [] {
            if let resource = ResourceID(member.name) { suspensions.resources[resource] = member.value.int }
        }
        suspensions.resumed = Set((json["resumed"]?.array ?? []).compactMap { $0.string.flatMap { ResourceID($0) } })
        return suspensions
    }

    /// Changes what is suspended, one process at a time; answers with what the change did.
    public static func update<Answer>(
        _ settings: EngineSettings, _ change: (inout Suspensions) -> Answer
    ) throws(Diagnostic) -> Answer {
        let file = file(settings)
        return try file.locked { () throws(Diagnostic) in
            let before = read(settings)
            var suspensions = before
            let answer = change(&suspensions)
            if suspensions != before {
                // Typed, since JSON has a nil literal of its own.
                let json: JSONValue? = suspensions.isEmpty ? .none : .some(suspensions.json)
                try file.write(json)
            }
            return answer
        }
    }

    /// Forgets all suspensions of a set.
    static func forget(_ settings: EngineSettings) { try? file(settings).write(nil) }

    private var json: JSONValue {
        [
            "all": all.map { .int($0) } ?? .null,
            "resources": .object(
                resources.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key.description, .int($0.value)) }),
            "resumed": .strings(resumed.sorted().map(\.description)),
        ]
    }
}
