import LinuxHost
import Manifests
import Model

/// Manifests that change: a directory, or a file, that is watched and read again when something happens to it.
///
/// It has no thread and no clock. The agent's loop waits for `descriptor` and until `nextDeadline`, calls `drain` when
/// the one is readable and `update` when the other has come; both take the time. The first deadline is at once.
public final class ManifestSource {
    /// Points in time; suspended time counts.
    public typealias Instant = ContinuousClock.Instant

    let root: String
    let timing: ManifestTiming
    private let watch: TreeWatch?
    private let watchFailure: Diagnostic?
    private var debounce: Debounce
    private var nextPoll: Instant
    private var settling = Settling()
    private var reader = ManifestReader()
    private var memory: ManifestMemory
    private var good: LastGood
    /// What was read last, and whether a later look can tell by itself that nothing changed since.
    private var scan: ManifestScan?
    private var isSettled = false
    private var reporter = ManifestReporter()

    /// Watches a path, which need not exist. What an earlier agent of this set found good there is recalled.
    ///
    /// - Parameters:
    ///   - root: a directory or a file, as the user gave it.
    ///   - set: whose memory it is.
    ///   - dataDirectory: where `memory/manifests-<set>` is.
    public init(
        root: String, set: String, dataDirectory: String, timing: ManifestTiming = ManifestTiming(), now: Instant
    ) {
        self.root = root
        self.timing = timing
        let filter = TreeFilter(isIgnored: ManifestName.isIgnored, isFile: ManifestName.isManifest)
        var failure: Diagnostic?
        do throws(Diagnostic) { watch = try TreeWatch(root: root, filter: filter) } catch {
            watch = nil
            failure = error
        }
        watchFailure = failure
        debounce = Debounce(quiet: timing.quiet, longest: timing.longest)
        nextPoll = now
        memory = ManifestMemory(dataDirectory: dataDirectory, set: set, root: WorkingDirectory.absolute(root))
        good = LastGood(memory.recall { ManifestReading.path($0, below: root) })
        debounce.signal(now - timing.longest)
    }

    /// Becomes readable when something happened to the tree; `nil` where it can only be polled.
    public var descriptor: Int32? { watch?.descriptor }

    /// How often the kernel lost events because its queue was full.
    public var overflows: Int { watch?.overflows ?? 0 }

    /// When `update` is to be called next.
    public var nextDeadline: Instant { min(debounce.deadline ?? nextPoll, nextPoll) }

    /// Whether all that is known to have happened to the tree has been read.
    public var hasReadAll: Bool { debounce.deadline == nil }

    /// Takes what the kernel tells of the tree.
    public func drain(_ now: Instant) {
        guard let watch, watch.drain().isDirty else { return }
        debounce.signal(now)
    }

    /// Reads the tree now, changed or not: the next deadline is at once.
    public func refresh(_ now: Instant) { debounce.signal(now - timing.longest) }

    /// Where a deadline has come, reads the tree; answers with what is new.
    public func update(_ now: Instant) -> ManifestUpdate? {
        if let deadline = debounce.deadline, deadline <= now { return read(now) }
        guard nextPoll <= now else { return nil }
        nextPoll = now + pollInterval
        watch?.refresh()
        if !isSettled || ManifestScan(paths: [root]) != scan { debounce.signal(now) }
        return nil
    }

    /// Writes the last good manifests to disk, if they are others than there. Apart from `update`, so that the pass need
    /// not wait for the disk.
    public func save() throws(Diagnostic) { try memory.save(good.files, name: name) }

    private var pollInterval: Duration {
        watch == nil || watch?.limitation != nil ? timing.remotePoll : timing.poll
    }

    private func name(_ path: String) -> String { ManifestReading.name(path, below: root) }

    private func read(_ now: Instant) -> ManifestUpdate? {
        debounce.settle()
        nextPoll = now + pollInterval
        // From here on a change gives an event; what is queued up to here is about to be read.
        watch?.refresh()
        _ = watch?.drain()
        let workTree = GitWorkTree(containing: root)
        let isPatient = settling.isPatient(now, timing.patience)
        for _ in 0..<3 {
            let scan = ManifestScan(paths: [root])
            let unrest = settling.look(scan, since: self.scan, workTree)
            if isPatient, settling.isNew(unrest) { break }
            let isSettled = scan.isSettled
            let files = reader.read(scan)
            guard ManifestScan(paths: [root]) == scan || !isPatient else { continue }
            settling.end()
            (self.scan, self.isSettled) = (scan, isSettled)
            let reading = ManifestReading(root: root, scan: scan, files: files, unfinished: unrest.open)
            let verdict = good.take(reading)
            return reporter.report(reading, verdict, warnings(unrest.lock), head: workTree?.head)
        }
        settling.begin(now)
        debounce.signal(now)
        return nil
    }

    /// What is wrong with watching, not with the manifests.
    private func warnings(_ lock: String?) -> [Diagnostic] {
        let git = lock.map { lock in
            Diagnostic(
                .warning, code: "git-locked", "\(lock) stays: the manifests are read all the same",
                hint: "remove it if no git command is running")
        }
        return [watchFailure, watch?.limitation, git].compactMap(\.self)
    }
}
