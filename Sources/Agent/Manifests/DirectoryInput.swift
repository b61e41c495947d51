import Model

/// A watched directory as an agent's source.
public final class DirectoryInput: InputSource {
    private let source: ManifestSource
    /// Nothing has been answered yet.
    private var isNew = true

    /// Watches a path, which need not exist.
    public init(_ root: String, _ settings: EngineSettings, timing: ManifestTiming = ManifestTiming()) {
        source = ManifestSource(
            root: root, set: settings.set, dataDirectory: settings.dataDirectory, timing: timing, now: .now)
    }

    /// One, or none where the directory can only be polled.
    public var descriptors: [Int32] { source.descriptor.map { [$0] } ?? [] }

    /// When changes have settled, or the next poll.
    public var nextDeadline: ContinuousClock.Instant? { source.nextDeadline }

    /// Whether all that is known to have happened to the directory has been read.
    var hasReadAll: Bool { source.hasReadAll }

    /// Nothing is to be done: it was watched from the beginning.
    public func start(wake: @escaping @Sendable () -> Void) {}

    /// Reads the directory where something happened to it and has settled.
    public func update(at now: ContinuousClock.Instant, isForced: Bool) -> InputUpdate? {
        source.drain(now)
        if isForced { source.refresh(now) }
        guard let update = source.update(now) else { return nil }
        let events = update.messages.map { message in
            var event = Event(time: Timestamp.now(), kind: .manifest, revision: update.input.revision)
            event.cause = message
            return event
        }
        defer { isNew = false }
        return InputUpdate(
            input: update.needsPass || isForced || isNew ? update.input : nil, diagnostics: update.diagnostics,
            events: events)
    }

    /// Remembers the manifests.
    public func finish() throws(Diagnostic) { try source.save() }
}
