import Glibc
import Model

extension TreeWatch {
    /// More directories than this are not watched: a link to `/` in the tree must not eat all watches of the host.
    static let limit = 8192

    /// Sees to it that all that matters now is watched, and nothing else. Each directory is watched before it is read,
    /// so what appears in it meanwhile gives an event.
    public func refresh() {
        var pass = Pass(descriptor: descriptor, filter: filter)
        pass.follow(root, isRoot: true)
        for watch in watches.keys where pass.watches[watch] == nil {
            // It may be gone already, with its directory.
            _ = inotify_rm_watch(descriptor, watch)
        }
        watches = pass.watches
        limitation = pass.limitation
    }

    /// One walk over the tree that adds watches as it goes.
    private struct Pass {
        let descriptor: Int32
        let filter: TreeFilter
        var watches: [Int32: Watch] = [:]
        /// Why events do not tell everything; the first reason.
        var limitation: Diagnostic?
        private var entered: Set<String> = []
        private var devices: Set<UInt> = []

        init(descriptor: Int32, filter: TreeFilter) {
            self.descriptor = descriptor
            self.filter = filter
        }

        /// Watches along a path and what it leads to.
        mutating func follow(_ path: String, isRoot: Bool) {
            let isRead = isRoot || filter.isFile(path.split(separator: "/").last.map(String.init) ?? "")
            var trace = PathTrace(path)
            // What changed before its directory was watched gave no event: so look again, until nothing did.
            for _ in 0..<8 {
                if case .file = trace.end, !isRead { return }
                add(trace)
                let again = PathTrace(path)
                if again == trace { break }
                trace = again
            }
            switch trace.end {
            case .directory(let directory): enter(directory)
            case .file(let step): checkFileSystem(step.directory)
            case .nothing: break
            }
        }

        private mutating func add(_ trace: PathTrace) {
            for directory in trace.directories { watch(directory, WatchInterest()) }
            for step in trace.steps { watch(step.directory, WatchInterest(names: [step.name])) }
            if case .file(let step) = trace.end { watch(step.directory, WatchInterest(files: [step.name])) }
        }

        private mutating func enter(_ path: String) {
            guard entered.insert(path).inserted else { return }
            guard entered.count <= TreeWatch.limit else {
                limitation = limitation ?? tooMany(path)
                return
            }
            watch(path, WatchInterest(isTree: true))
            checkFileSystem(path)
            for (name, kind) in DirectoryListing.entries(path) where !filter.isIgnored(name) {
                let child = path == "/" ? "/" + name : "\(path)/\(name)"
                switch kind {
                case .directory: enter(child)
                case .link: follow(child, isRoot: false)
                case .other: break
                }
            }
        }

        private mutating func watch(_ path: String, _ interest: WatchInterest) {
            let watch = inotify_add_watch(descriptor, path, interest.mask)
            if watch >= 0 {
                watches[watch, default: Watch(path: path, interest: interest)].interest.formUnion(interest)
                return
            }
            let reason = Errno()
            // Gone meanwhile: whatever removed it gave an event in the directory above.
            if reason.code == ENOENT || reason.code == ENOTDIR { return }
            limitation =
                limitation
                ?? Diagnostic(
                    .warning, code: "watch-failed", "\(path) cannot be watched: it is looked at from time to time",
                    cause: "inotify_add_watch: \(reason)",
                    hint: reason.code == ENOSPC ? "raise fs.inotify.max_user_watches (sysctl)" : nil)
        }

        private mutating func checkFileSystem(_ path: String) {
            var status = stat()
            guard limitation == nil, stat(path, &status) == 0, devices.insert(UInt(status.st_dev)).inserted,
                let name = RemoteFileSystem.name(of: path)
            else { return }
            limitation = Diagnostic(
                .note, code: "watch-remote",
                "\(path) is on \(name), which does not tell of all changes: it is looked at from time to time")
        }

        private func tooMany(_ path: String) -> Diagnostic {
            Diagnostic(
                .warning, code: "watch-failed",
                "there are more than \(TreeWatch.limit) directories: \(path) and more are looked at from time to time",
                hint: "does a symbolic link lead out of the manifests?")
        }
    }
}
