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

    public var descriptors: [Int32] { directory.descriptors }

    public var nextDeadline: ContinuousClock.Instant? {
        [nextLook, checkout == nil ? nil : directory.nextDeadline].compactMap { $0 }.min()
    }

    public func start(wake: @escaping @Sendable () -> Void) async {
        self.wake = wake
        take(await git.restore())
        look()
    }

    public func update(at now: ContinuousClock.Instant, isForced: Bool) async -> InputUpdate? {
        if isForced || nextLook.map({ $0 <= now }) ?? false { look() }
        var isNew = isForced
        for (update, next) in answers.take() {
            nextLook = next
            if take(update) { isNew = true }
        }
        defer { events = [] }
        var update = InputUpdate(events: events)
        if let checkout, let read = directory.update(at: now, isForced: isNew) {
            update.input = read.input
            update.input?.revision = checkout.commit
            update.diagnostics = read.diagnostics
            update.events += read.events
            for index in update.events.indices { update.events[index].revision = checkout.commit }
        }
        return update.input == nil && update.diagnostics.isEmpty && update.events.isEmpty ? nil : update
    }

    public func finish() throws(Diagnostic) { try directory.finish() }

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

    /// Takes an answer; true where another commit counts now.
    @discardableResult
    private func take(_ update: GitUpdate) -> Bool {
        var isNew = false
        if case .new(let checkout) = update {
            self.checkout = checkout
            isNew = true
        }
        events += update.events(
            branch: settings.branch, revision: checkout?.commit ?? "", time: Timestamp.now())
        return isNew
    }
}
