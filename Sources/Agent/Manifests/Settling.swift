import LinuxHost
import Manifests

/// Waiting for manifests that are just being changed, within limits. What was waited for in vain is not waited for
/// again until it is over.
struct Settling {
    typealias Instant = ContinuousClock.Instant

    /// What keeps the manifests from being read now.
    struct Unrest: Hashable {
        /// Files that somebody is writing.
        var open: Set<String> = []
        /// The lock of a git command that is changing files.
        var lock: String?
    }

    private var since: Instant?
    private var last = Unrest()
    /// What was waited for in vain.
    private var accepted = Unrest()
    /// Tells whether a file is open for writing.
    var isOpen: (String) -> Bool = OpenForWriting.check

    /// Whether to wait on: patience has not run out.
    func isPatient(_ now: Instant, _ patience: Duration) -> Bool { since.map { now - $0 < patience } ?? true }

    /// The manifests are not settled; from the first time on the wait counts.
    mutating func begin(_ now: Instant) { if since == nil { since = now } }

    /// They are settled, or are read all the same.
    mutating func end() {
        since = nil
        accepted = last
    }

    /// Looks at what is going on. Whether a file is being written is asked only of those that changed since a scan, or
    /// were being written before.
    mutating func look(_ scan: ManifestScan, since earlier: ManifestScan?, _ workTree: GitWorkTree?) -> Unrest {
        let known = Set(earlier?.files ?? [])
        let suspects = scan.files.lazy.filter { [last] in !known.contains($0) || last.open.contains($0.path) }
        last = Unrest(
            open: Set(suspects.map(\.path).filter(isOpen)), lock: workTree.flatMap { $0.isLocked ? $0.lock : nil })
        return last
    }

    /// Whether there is something to wait for.
    func isNew(_ unrest: Unrest) -> Bool {
        !unrest.open.isSubset(of: accepted.open) || (unrest.lock != nil && unrest.lock != accepted.lock)
    }
}
