import Model

/// What is to be said of resources because of what is wrong with the manifests.
struct ManifestStanding {
    /// The errors of resources, in a line each.
    let wrong: [ResourceID: String]
    private let held: [String: String]
    private let isWrong: Bool

    init(_ problems: [Diagnostic], _ input: PassInput?) {
        held = input?.held ?? [:]
        isWrong = !problems.isEmpty
        wrong = Dictionary(
            problems.compactMap { problem in
                problem.resource.map { ($0, (problem.position.map { "\($0): " } ?? "") + problem.message) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// An entry with what there is to say beyond it.
    func completed(_ entry: StatusReport.Entry, isDesired: Bool) -> StatusReport.Entry {
        var entry = entry
        if let why = entry.source.flatMap({ held[$0.file] }) {
            entry.reason = entry.reason.isEmpty ? why : "\(entry.reason); \(why)"
        } else if !isDesired, let error = wrong[entry.resource] {
            if entry.state != .suspended { entry.state = .failed }
            entry.reason = entry.reason.isEmpty ? error : "\(entry.reason); \(error)"
        } else if !isDesired, isWrong, entry.reason.isEmpty, entry.resource.kind != .host {
            entry.reason = "left as it is until the manifests are good"
        }
        return entry
    }
}
