import Glibc
import Model

/// Watches a directory tree, or one file, with inotify(7): tells when it may read differently than before.
///
/// The tree need not exist: then the nearest directory above it is watched. Symbolic links, on the way to it and in
/// it, are followed, and every directory in which a name could be swapped is watched, so that a ConfigMap's `..data` and
/// git-sync's link are seen to move. Where the directory itself is removed, moved or mounted over, and comes back, the
/// watch finds it again.
///
/// An event only says "look again". Whoever reads the tree calls `refresh` before: what happens after that gives an
/// event, what happened before is read.
///
/// It has no thread: `descriptor` becomes readable, then `drain` is called. Not for several threads at once.
public final class TreeWatch {
    /// What became known since the last time.
    public struct Changes: Hashable, Sendable {
        /// The tree may read differently.
        public var isDirty = false
        /// The kernel's queue was full and events were lost; then the tree is dirty, too.
        public var hasOverflowed = false
    }

    /// A directory with a watch.
    struct Watch {
        /// Absolute and without links.
        let path: String
        var interest: WatchInterest
    }

    /// Readable (poll(2), epoll(7)) when something happened.
    public let descriptor: Int32
    /// What is watched, absolute, links not followed.
    public let root: String
    /// How often events were lost.
    public private(set) var overflows = 0
    /// Why events do not tell of every change, so that the tree must be looked at from time to time; `nil` where they do.
    public internal(set) var limitation: Diagnostic?
    /// Directories that have a watch.
    public var count: Int { watches.count }

    let filter: TreeFilter
    var watches: [Int32: Watch] = [:]

    /// Begins to watch; throws where there is no inotify instance left (fs.inotify.max_user_instances).
    public init(root: String, filter: TreeFilter) throws(Diagnostic) {
        self.root = WorkingDirectory.absolute(root)
        self.filter = filter
        descriptor = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
        guard descriptor >= 0 else {
            let reason = Errno()
            throw Diagnostic(
                .warning, code: "watch-failed", "\(root) cannot be watched: it is looked at from time to time",
                cause: "inotify_init1: \(reason)",
                hint: reason.code == EMFILE ? "raise fs.inotify.max_user_instances (sysctl)" : nil)
        }
        refresh()
    }

    deinit { close(descriptor) }

    /// Takes what the kernel has queued, and watches what came newly into being. Never blocks.
    public func drain() -> Changes {
        var changes = Changes()
        var isStructural = false
        // A queue that fills as fast as it is read must not keep the caller here: the descriptor stays readable.
        for _ in 0..<64 {
            let events = read()
            if events.isEmpty { break }
            for event in events {
                switch meaning(of: event) {
                case .nothing: continue
                case .content: break
                case .structure: isStructural = true
                }
                changes.isDirty = true
                if event.has(InotifyMask.overflow) { changes.hasOverflowed = true }
            }
        }
        if changes.hasOverflowed { overflows += 1 }
        if isStructural { refresh() }
        return changes
    }

    /// What an event means; for a test of what the kernel would send.
    func meaning(of event: InotifyEvent) -> WatchInterest.Meaning {
        if event.has(InotifyMask.overflow) { return .structure }
        guard let watch = watches[event.watch] else { return .nothing }
        return watch.interest.meaning(of: event, filter) { name in
            var status = stat()
            return lstat("\(watch.path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
        }
    }

    private func read() -> [InotifyEvent] {
        withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 8) { buffer in
            while true {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                return count > 0 ? InotifyEvent.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : []
            }
        }
    }
}
