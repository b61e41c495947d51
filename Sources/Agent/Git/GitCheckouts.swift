import Containers
import Glibc
import Model

/// The trees of commits, complete or not there, and the link to the one that counts.
struct GitCheckouts {
    let git: GitProgram
    let layout: GitLayout

    /// The commit that the link names; `nil` where there is none.
    static func current(_ layout: GitLayout) -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBytes {
            readlink(layout.current, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard count > 0 else { return nil }
        let target = String(decoding: buffer.prefix(count), as: UTF8.self)
        guard target.hasPrefix("checkouts/") else { return nil }
        let commit = String(target.dropFirst("checkouts/".count))
        return GitNames.isObject(commit) && Files.exists("\(layout.checkouts)/\(commit)") ? commit : nil
    }

    /// The directory of a commit's tree, which is made where it is not there. Submodules stay empty.
    func make(_ commit: String) throws(Diagnostic) -> String {
        let directory = "\(layout.checkouts)/\(commit)"
        if Files.exists(directory) { return directory }
        for name in Files.names(in: layout.checkouts) where Files.isAbandoned(name) {
            try? Files.removeTree("\(layout.checkouts)/\(name)")
        }
        let temporary = "\(layout.checkouts)/\(Files.temporaryName())"
        defer { try? Files.removeTree(temporary) }
        try Files.makeDirectory(temporary + "/tree")
        // Into an empty tree and an index of its own: nothing is merged, nothing overwritten.
        try git.local(
            ["--work-tree=\(temporary)/tree", "-c", "core.bare=false", "read-tree", "--reset", "-u", commit],
            environment: ["GIT_INDEX_FILE": temporary + "/index"])
        try Files.sync(temporary)
        guard rename(temporary + "/tree", directory) == 0 else {
            throw systemError("cannot make \(directory)", call: "rename")
        }
        return directory
    }

    /// Lets the link name a commit: a reader sees the old tree or the new one.
    func publish(_ commit: String) throws(Diagnostic) {
        let temporary = "\(layout.directory)/\(Files.temporaryName())"
        try Files.link("checkouts/\(commit)", at: temporary)
        guard rename(temporary, layout.current) == 0 else {
            let error = systemError("cannot swap the link \(layout.current)", call: "rename")
            unlink(temporary)
            throw error
        }
    }

    /// Removes the trees of other commits, except those that a container has mounted.
    func prune(keeping: Set<String>) {
        let old = Files.names(in: layout.checkouts).filter { GitNames.isObject($0) && !keeping.contains($0) }
        guard !old.isEmpty else { return }
        let used = MountUse.names(among: Set(old))
        for commit in old where !used.contains(commit) { try? Files.removeTree("\(layout.checkouts)/\(commit)") }
    }
}
