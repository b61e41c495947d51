import LinuxHost
import Model

/// What the last pass was about and how it ended; lives below the runtime directory, with the kernel's own state.
public struct LastPass: Hashable, Sendable {
    /// Milliseconds since 1970.
    public var time: Int64
    /// The state of the manifests.
    public var revision: String
    /// The manifests' paths, absolute.
    public var paths: [String]
    /// Whether all was seen to be as desired.
    public var isConverged: Bool
    /// What failed, by resource.
    public var failures: [ResourceID: String]

    /// A pass that just ended.
    public init(time: Int64, revision: String, paths: [String], isConverged: Bool, failures: [ResourceID: String]) {
        self.time = time
        self.revision = revision
        self.paths = paths
        self.isConverged = isConverged
        self.failures = failures
    }

    private static func file(_ settings: EngineSettings) -> MemoryFile {
        MemoryFile(directory: "\(settings.runtimeDirectory)/\(settings.set)", name: "last-pass.json")
    }

    /// The last pass of a set; `nil` where none is known.
    public static func read(_ settings: EngineSettings) -> LastPass? {
        guard let json = file(settings).read(), let time = json["time"]?.int else { return nil }
        var failures: [ResourceID: String] = [:]
        for member in json["failures"]?.members ?? [] {
            if let resource = ResourceID(member.name) { failures[resource] = member.value.string }
        }
        return LastPass(
            time: time, revision: json["revision"]?.string ?? "",
            paths: json["paths"]?.array?.compactMap(\.string) ?? [], isConverged: json["converged"]?.bool ?? false,
            failures: failures)
    }

    /// Notes it; a note that cannot be written is only missed by `status`.
    public func write(_ settings: EngineSettings) {
        let members = failures.sorted { $0.key < $1.key }.map {
            JSONValue.Member($0.key.description, .string($0.value))
        }
        try? Self.file(settings).write([
            "time": .int(time), "revision": .string(revision), "paths": .strings(paths),
            "converged": .bool(isConverged), "failures": .object(members),
        ])
    }

    /// Forgets it.
    public static func forget(_ settings: EngineSettings) { try? file(settings).write(nil) }
}
