import Drivers
import Foundation
import Manifests
import Model
import Planning
import Testing

/// A folder `Tests/Golden/<area>/<case>`: manifests and a host, and the plan between them.
///
/// - `manifests/*.yaml`: what is wanted.
/// - `before/*.yaml`: manifests that were applied earlier: they give the observed side, and what was last applied.
/// - `facts-before.json`: the host at the time of `before`, where it was another.
/// - `observed.json`, `facts.json`: see ``ObservedFile`` and ``FactsFile``.
/// - `options.json`: `prunes`, `held`, `suspended` (resources), `detectOnly` (`all`), `lastApplied` (false: what was last applied is not known).
/// - `plan.txt`, `plan.json`: what is expected. `RECONCILE_BLESS=1` writes them, to be read before they are committed.
struct GoldenCase {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Golden")

    static var names: [String] {
        list(root).flatMap { area in list(root.appending(path: area)).map { "\(area)/\($0)" } }
    }

    let folder: URL
    let pass: Pass
    let observation: Observation
    let revision: String

    init(_ name: String) throws {
        folder = Self.root.appending(path: name)
        let facts = FactsFile(json: try Self.json(folder.appending(path: "facts.json")))
        let options = try Self.json(folder.appending(path: "options.json"))
        let snapshot = try Self.load(folder.appending(path: "manifests"))
        revision = snapshot.revision
        var pass = Pass(resources: snapshot.resources, host: try facts.facts(), exitCodes: facts.exitCodes)
        var observation = Observation()
        if FileManager.default.fileExists(atPath: folder.appending(path: "before").path) {
            var before = Pass(resources: try Self.load(folder.appending(path: "before")).resources, host: pass.host)
            if let earlier = try Self.json(folder.appending(path: "facts-before.json")) {
                before.host = try FactsFile(json: earlier).facts()
            }
            before.host.listeners = []
            before.host.portsOfOtherSets = []
            before.host.subnetsOfOtherSets = []
            before.host.ownAddresses = []
            before.host.names.listeners = []
            before.host.names.isAvailable = true
            before.host.unready = []
            before.host.links = nil
            before.host.missingLinkKinds = []
            before.host.imageProblems = [:]
            before.host.missingMountSources = []
            observation = before.applied()
            if options?["lastApplied"]?.bool != false {
                pass.lastApplied = Dictionary(
                    uniqueKeysWithValues: before.desired(observation).objects.map { ($0.id, $0.fields) })
            }
        }
        if let observed = try Self.json(folder.appending(path: "observed.json")) {
            try ObservedFile(json: observed).apply(to: &observation)
        }
        for job in facts.finished {
            let process = pass.desired(observation).objects.first { $0.id == .process(job.name) }
            let hash = job.isSame ? FieldCoding.hash(try #require(process).fields) : "v1:another"
            pass.host.exits[job.name] = ExitRecord(code: job.code, specification: hash)
        }
        pass.prunes = options?["prunes"]?.bool ?? true
        pass.held = Set((options?["held"]?.array ?? []).compactMap { $0.string.flatMap { ResourceID($0) } })
        pass.suspended = Set((options?["suspended"]?.array ?? []).compactMap { $0.string.flatMap { ResourceID($0) } })
        if options?["detectOnly"]?.string == "all" { pass.detectOnly = .all }
        self.pass = pass
        self.observation = observation
    }

    var plan: Plan {
        var plan = pass.plan(observation)
        plan.revision = revision
        return plan
    }

    private static func list(_ folder: URL) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { !$0.hasPrefix(".") && !$0.hasSuffix(".md") }.sorted()
    }

    private static func json(_ file: URL) throws -> JSONValue? {
        guard let data = try? Data(contentsOf: file) else { return nil }
        return try JSONValue(parsing: Array(data))
    }

    private static func load(_ folder: URL) throws -> ManifestSnapshot {
        let files = try list(folder).map { name in
            let data = try Data(contentsOf: folder.appending(path: name))
            return ManifestDecoder.decode(bytes: Array(data), path: name, directory: "/etc/reconcile/manifests")
        }
        let snapshot = ManifestSnapshot(files: files)
        #expect(!snapshot.hasErrors, "\(folder.path): \(snapshot.diagnostics)")
        return snapshot
    }
}
