import Model
import Synchronization

/// A branch of a git repository as an agent's source: the checkout of its newest acceptable commit is a watched
/// directory, which is replaced as a whole. The network is never waited for: what was accepted last counts until then.
public final class GitInput: InputSource {
    let git: GitSource
    private let directory: DirectoryInput
    let settings: GitSettings
    let answers = Answers()
    private(set) var wake: @Sendable () -> Void = {}
    private(set) var checkout: GitCheckout?
    /// How the branch is followed.
    private(set) var standing: BranchStanding
    /// What is known where commits are held back until the fleet says when.
    var held = HeldCommits()
    private var nextLook: ContinuousClock.Instant?
    private var events: [Event] = []
    /// A commit was accepted whose manifests were not yet read.
    private var isOwed = false
    private var last: PassInput?

    /// Answers of looks at the branch, which go on beside the agent's loop.
    final class Answers: Sendable {
        /// What an answer is to.
        enum Question: Sendable {
            /// Where the branch is, asked when the fleet's rollout was at a sequence.
            case look(next: ContinuousClock.Instant, sequence: Int64)
            /// A commit to be there.
            case prepare(String)
            /// A commit to count.
            case publish
        }

        private let answers = Mutex<[(GitUpdate, Question)]>([])

        func add(_ update: GitUpdate, to question: Question) { answers.withLock { $0.append((update, question)) } }

        func take() -> [(GitUpdate, Question)] {
            answers.withLock { answers in
                defer { answers = [] }
                return answers
            }
        }
    }

    /// Follows a branch. `holdsBack`: a commit does not count before it is taken.
    public init(_ git: GitSettings, _ settings: EngineSettings, holdsBack: Bool = false) {
        self.git = GitSource(git, holdsBack: holdsBack)
        self.settings = git
        standing = BranchStanding(git)
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
        let restored = await git.restore()
        standing.looked(restored, at: Timestamp.now())
        take(restored)
        held.joined = held.recall(settings)
        look()
    }

    /// Begins a look where one is due or asked for, takes what others brought, and reads the checkout.
    public func update(at now: ContinuousClock.Instant, isForced: Bool) async -> InputUpdate? {
        if isForced || nextLook.map({ $0 <= now }) ?? false { look() }
        for (update, question) in answers.take() {
            switch question {
            case .look(let next, let sequence):
                nextLook = next
                standing.looked(update, at: Timestamp.now())
                held.looked(update, at: sequence, inForce: checkout?.commit)
                take(update)
            case .prepare(let commit): held.prepared(commit, update)
            case .publish: take(held.published(update), isTold: false)
            }
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
    func look() {
        nextLook = nil
        let sequence = held.beginLook()
        let (git, answers, wake) = (git, answers, wake)
        Task.detached {
            let update = await git.update()
            answers.add(update, to: .look(next: await git.nextDeadline, sequence: sequence))
            wake()
        }
    }

    private func take(_ update: GitUpdate, isTold: Bool = true) {
        if case .new(let checkout) = update {
            self.checkout = checkout
            isOwed = true
            // What was wrong with an older one is of no interest.
            guard isTold else { return }
        }
        events += update.events(
            branch: settings.branch, revision: checkout?.commit ?? "", time: Timestamp.now())
    }
}
