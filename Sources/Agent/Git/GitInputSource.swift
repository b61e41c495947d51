import LinuxHost
import Model

/// Manifests that come from a branch: what is read in the checkout, with the commit as its revision.
///
/// Before a commit was accepted there is no input at all, whatever is remembered of earlier manifests.
public struct GitInputSource: InputSource {
    private let settings: GitSettings
    private let source: GitSource
    private let looks: GitLooks
    private var manifests: any InputSource
    private var last: PassInput?
    private var isRestored = false

    /// - Parameter manifests: reads and watches `settings.watchedPath`.
    public init(_ settings: GitSettings, manifests: any InputSource) {
        self.settings = settings
        self.manifests = manifests
        source = GitSource(settings)
        looks = GitLooks(source)
    }

    /// Those of the manifests, and one for looks that ended.
    public var descriptors: [Int32] { manifests.descriptors + [looks.descriptor] }

    /// That of the manifests or of the next look, whichever comes first.
    public var nextDeadline: ContinuousClock.Instant? {
        guard let look = looks.deadline else { return manifests.nextDeadline }
        return manifests.nextDeadline.map { min($0, look) } ?? look
    }

    /// Begins a look where one is due or asked for, takes what others brought, and reads the manifests.
    public mutating func update(at now: ContinuousClock.Instant, isForced: Bool) async -> InputUpdate? {
        var updates = looks.take()
        if !isRestored {
            isRestored = true
            updates.append(await source.restore())
            looks.begin()
        } else if isForced || looks.deadline.map({ $0 <= now }) == true {
            looks.begin()
        }
        let isNew = updates.contains { if case .new = $0 { true } else { false } }
        let (found, commit) = await read(at: now, isForced: isForced || isNew)
        var events = updates.flatMap {
            $0.events(branch: settings.branch, revision: commit ?? "", time: Timestamp.now())
        }
        guard let commit else { return events.isEmpty ? nil : InputUpdate(input: nil, events: events) }
        events += (found?.events ?? []).map { event in
            var event = event
            event.revision = commit
            return event
        }
        guard var input = found?.input ?? (isNew ? last : nil) else {
            return events.isEmpty ? nil : InputUpdate(input: nil, events: events)
        }
        input.revision = commit
        last = input
        return InputUpdate(input: input, events: events)
    }

    /// The manifests with the commit that they are of: where the link was swapped meanwhile they are read again.
    private mutating func read(at now: ContinuousClock.Instant, isForced: Bool) async -> (InputUpdate?, String?) {
        var commit = GitCheckouts.current(settings.layout)
        var found = await manifests.update(at: now, isForced: isForced)
        while let after = GitCheckouts.current(settings.layout), after != commit {
            commit = after
            let again = await manifests.update(at: now, isForced: true)
            // What was told of the first reading is not told again by the second.
            found =
                again.map { InputUpdate(input: $0.input ?? found?.input, events: (found?.events ?? []) + $0.events) }
                ?? found
        }
        return (found, commit)
    }
}
