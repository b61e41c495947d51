import Containers
import Model

/// Follows a branch and keeps a checkout of its newest acceptable commit.
///
/// It has no timer of its own: the caller asks for `update()` at `nextDeadline`, or when it is told to (SIGHUP). What
/// counts stays in place whatever fails.
public actor GitSource {
    /// What it follows.
    public nonisolated let settings: GitSettings
    /// The commit that counts; `nil` before one was accepted.
    public private(set) var current: GitCheckout?
    /// The commit that was accepted last; another one than ``current`` only where commits are held back.
    public private(set) var tip: GitCheckout?
    /// Whether commits do not count before ``publish(_:)``.
    public nonisolated let holdsBack: Bool
    /// Why the last look failed; `nil` where it did not.
    public private(set) var problem: Diagnostic?
    /// When to look next.
    public private(set) var nextDeadline: ContinuousClock.Instant

    private let now: @Sendable () -> ContinuousClock.Instant
    private var failures = 0
    private var isUpdating = false
    /// The work that was begun last: one git at a time.
    private var last: Task<Void, Never>?
    private var isAskedAgain = false

    /// Reads and runs nothing yet. `now` is the clock.
    public init(
        _ settings: GitSettings, holdsBack: Bool = false,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.settings = settings
        self.holdsBack = holdsBack
        self.now = now
        nextDeadline = now()
    }

    /// What an earlier agent accepted, so that the host is kept as it says before the network answers, or without it.
    /// `unchanged` where there is nothing.
    public func restore() async -> GitUpdate {
        switch await work({ work throws(GitFailure) in try work.restore() }) {
        case .success(nil): return .unchanged
        case .success(let checkout?):
            current = checkout
            return .new(checkout)
        case .failure(let failure):
            current = nil
            problem = failure.diagnostic
            return .failed(failure.diagnostic, isRepeated: false)
        }
    }

    /// Looks at the branch, and makes its commit count if it moved and is acceptable. While a look is under way another
    /// one is not begun but made due at once.
    public func update() async -> GitUpdate {
        guard !isUpdating else {
            isAskedAgain = true
            return .unchanged
        }
        isUpdating = true
        let result = await work { [current, tip, holdsBack] work throws(GitFailure) in
            try work.update(tip ?? current, holding: current, isHeld: holdsBack)
        }
        isUpdating = false
        let update = settle(result)
        nextDeadline = isAskedAgain ? now() : now() + Self.delay(settings.interval, failures: failures)
        isAskedAgain = false
        return update
    }

    private func settle(_ result: Result<GitCheckout?, GitFailure>) -> GitUpdate {
        switch result {
        case .failure(let failure):
            failures = failure.isRefusal ? 0 : failures + 1
            var diagnostic = failure.diagnostic
            if let current { diagnostic.message += "; commit \(current.shortCommit) keeps running" }
            // The words may carry times and numbers.
            let isRepeated = problem?.code == diagnostic.code && problem?.message == diagnostic.message
            problem = diagnostic
            return .failed(diagnostic, isRepeated: isRepeated)
        case .success(let checkout):
            let wasFailing = problem != nil
            problem = nil
            failures = 0
            if let checkout {
                tip = checkout
                guard !holdsBack else { return .held(checkout) }
                current = checkout
                return .new(checkout)
            }
            if tip == nil { tip = current }
            return wasFailing ? current.map { .recovered($0) } ?? .unchanged : .unchanged
        }
    }

    /// Makes the tree of a commit that was accepted, without letting it count. `nil` where that worked.
    public func prepare(_ commit: String) async -> Diagnostic? {
        switch await work({ work throws(GitFailure) in try work.prepare(commit) }) {
        case .success: nil
        case .failure(let failure): failure.diagnostic
        }
    }

    /// Lets a commit count that was accepted and held back, or one from before.
    public func publish(_ commit: String) async -> GitUpdate {
        let kept = [current?.commit, tip?.commit].compactMap { $0 }
        switch await work({ work throws(GitFailure) in try work.publish(commit, keeping: kept) }) {
        case .success(let checkout):
            current = checkout
            return .new(checkout)
        case .failure(let failure): return .failed(failure.diagnostic, isRepeated: false)
        }
    }

    /// The interval; after failures in a row doubled for each up to five minutes, never less than the interval.
    static func delay(_ interval: Duration, failures: Int) -> Duration {
        let longest = max(interval, .seconds(300))
        return min(interval * (1 << min(failures, 20)), longest)
    }

    private func work<Value: Sendable>(
        _ body: @escaping @Sendable (GitWork) throws(GitFailure) -> Value
    ) async -> Result<Value, GitFailure> {
        let (work, before) = (GitWork(settings: settings), last)
        let task = Task { () -> Result<Value, GitFailure> in
            await before?.value
            do {
                return try await OwnThread.run { () -> Result<Value, GitFailure> in
                    do throws(GitFailure) { return .success(try body(work)) } catch { return .failure(error) }
                }
            } catch {
                let diagnostic = error as? Diagnostic ?? Diagnostic(code: "internal", "\(error)")
                return .failure(GitFailure(diagnostic))
            }
        }
        last = Task { _ = await task.value }
        return await task.value
    }
}
