import Glibc
import LinuxHost

/// The git work tree that a directory lies in (gitrepository-layout(5)). Read from its files: no git is run.
struct GitWorkTree {
    /// The `.git` directory of this work tree.
    private let directory: String

    /// Looks for it from a directory upwards; `nil` where there is none.
    init?(containing path: String) {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        var above = String(cString: real)
        while true {
            if let directory = Self.directory(of: above) {
                self.directory = directory
                return
            }
            guard let slash = above.lastIndex(of: "/"), above != "/" else { return nil }
            above = slash == above.startIndex ? "/" : String(above[..<slash])
        }
    }

    /// Whether a git command is changing the files just now: index.lock exists from before the first file is written
    /// until after the last.
    var isLocked: Bool { access(lock, F_OK) == 0 }

    /// The path of the lock.
    var lock: String { directory + "/index.lock" }

    /// The commit that is checked out; `nil` on a branch without one, and where references are kept elsewhere (reftable).
    var head: String? {
        guard let text = SmallFile.read("\(directory)/HEAD") else { return nil }
        guard text.hasPrefix("ref: ") else { return Self.commit(text) }
        let reference = String(text.dropFirst(5))
        // Branches are shared by all work trees of a repository.
        var common = directory
        if let shared = SmallFile.read("\(directory)/commondir") {
            common = shared.hasPrefix("/") ? shared : "\(directory)/\(shared)"
        }
        if let text = SmallFile.read("\(common)/\(reference)") { return Self.commit(text) }
        for line in SmallFile.read("\(common)/packed-refs")?.split(separator: "\n") ?? []
        where line.hasSuffix(" " + reference) {
            return line.split(separator: " ").first.flatMap { Self.commit(String($0)) }
        }
        return nil
    }

    /// `.git` is a directory, or for a linked work tree or a submodule a file that names one.
    private static func directory(of workTree: String) -> String? {
        let path = workTree == "/" ? "/.git" : workTree + "/.git"
        if access(path + "/HEAD", F_OK) == 0 { return path }
        guard let text = SmallFile.read(path), text.hasPrefix("gitdir: ") else { return nil }
        let target = String(text.dropFirst(8))
        return target.hasPrefix("/") ? target : "\(workTree)/\(target)"
    }

    private static func commit(_ text: String) -> String? {
        (text.utf8.count == 40 || text.utf8.count == 64) && text.allSatisfy(\.isHexDigit) ? text : nil
    }
}
