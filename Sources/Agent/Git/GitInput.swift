import Model
import Synchronization

/// A branch of a git repository as an agent's source: the checkout of its newest acceptable commit is a watched
/// directory, which is replaced as a whole. The network is never waited for: what was accepted last counts until then.
public final class GitInput: InputSource {
    private let git: GitSource
    private let directory: DirectoryInput
    private let settings: GitSettings
    private let answers = Answers()
    private var wake: @Sendable () -> Void = {}
    private var checkout: GitCheckout?
    private var nextLook: ContinuousClock.Instant?
    private var events: [Event] = []
    /// A commit was accepted whose manifests were not yet read.
    private var isOwed = false
    private var last: PassInput?

    /// Answers of looks at the branch, which go on beside the agent's loop.
    private final class Answers: Sendable {
        private let answers = Mutex<[(GitUpdate, next: ContinuousClock.Instant)]>([])

        func add(_ update: GitUpdate, next: ContinuousClock.Instant) { answers.withLock { $0.append((update, next)) } }

        func take() -> [(GitUpdate, next: ContinuousClock.Instant)] {
            answers.withLock { answers in
                defer { answers = [] }
                return answers
            }
        }
    }

    /// Follows a branch.
    public init(_ git: GitSettings, _ settings: EngineSettings) {
        self.git = GitSource(git)
        self.settings = git
        directory = DirectoryInput(git.watchedPath, settings)
    }

    /// Those of the watched checkout; the end of a look wakes by itself.
    public var descriptors: [Int32] { directory.descriptors }

    /// When to look at the branch, or at the checkout.
    public var nextDeadline: ContinuousClock.Instant? {
        [nextLook, checkout == nil ? nil : directory.nextDeadline].compactMap { $0 }.min()
    }

    /// Takes what an earlier agent accepted, and begins to look at the branch.
    public func start(wake: @escaping @Sendable () -> Void) async {
        self.wake = wake
        take(await git.restore())
        look()
    }

    /// Begins a look where one is due or asked for, takes what others brought, and reads the checkout.
    public func update(at now: ContinuousClock.Instant, isForced: Bool) async -> InputUpdate? {
        if isForced || nextLook.map({ $0 <= now }) ?? false { look() }
        for (update, next) in answers.take() {
            nextLook = next
            take(update)
        }
        defer { events = [] }
        var update = InputUpdate(events: events)
        // Before a commit was accepted nothing counts, whatever is remembered of earlier manifests.
        if checkout != nil, let (read, commit) = read(at: now, isForced: isForced || isOwed) {
            // A commit that changes no manifest brings no input, but a revision.
            if var input = read.input ?? (isOwed && directory.hasReadAll ? last : nil) {
                isOwed = false
                input.revision = commit
                last = input
                update.input = input
            }
            update.diagnostics = read.diagnostics
            for var event in read.events {
                event.revision = commit
                update.events.append(event)
            }
        }
        return update.input == nil && update.diagnostics.isEmpty && update.events.isEmpty ? nil : update
    }

    /// Remembers the manifests.
    public func finish() throws(Diagnostic) { try directory.finish() }

    /// The manifests, with the commit that they are of: a look may swap the link before its answer is taken, and even
    /// while they are read. Then they are read again.
    private func read(at now: ContinuousClock.Instant, isForced: Bool) -> (InputUpdate, String)? {
        guard var commit = settings.commitInPlace else { return nil }
        var read = directory.update(at: now, isForced: isForced) ?? InputUpdate()
        while let after = settings.commitInPlace, after != commit {
            commit = after
            guard let again = directory.update(at: now, isForced: true) else { continue }
            // What was told of the first reading is not told again by the second.
            read = InputUpdate(
                input: again.input ?? read.input, diagnostics: read.diagnostics + again.diagnostics,
                events: read.events + again.events)
        }
        return (read, commit)
    }

    /// Looks at the branch, beside everything else.
    private func look() {
        nextLook = nil
        let (git, answers, wake) = (git, answers, wake)
        Task.detached {
            let update = await git.update()
            answers.add(update, next: await git.nextDeadline)
            wake()
        }
    }

    private func take(_ update: GitUpdate) {
        if case .new(let checkout) = update {
            self.checkout = checkout
            isOwed = true
        }
        events += update.events(
            branch: settings.branch, revision: checkout?.commit ?? "", time: Timestamp.now())
    }
}
