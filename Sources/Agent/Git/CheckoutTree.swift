import CLinux
import Containers
import Glibc
import Model

/// Checks that what is read of a checkout lies in it.
struct CheckoutTree: ~Copyable {
    private let top: Descriptor
    private let commit: String
    private var seen: Set<UInt64> = []

    /// Opens the tree of a commit.
    init(_ directory: String, commit: String) throws(Diagnostic) {
        top = Descriptor(open(directory, RECONCILE_O_PATH | O_DIRECTORY | O_CLOEXEC))
        guard top.number >= 0 else { throw systemError("cannot open \(directory)", call: "open") }
        self.commit = GitCommit.short(commit)
    }

    /// Walks a folder, and whatever symbolic links in it lead to; throws `git-path` where there is no such folder, or a
    /// link leads out of the checkout: a commit must not make us read files of the host as manifests.
    mutating func check(_ folder: String) throws(Diagnostic) {
        var pending = [folder.isEmpty ? "." : folder]
        do throws(Failure) {
            guard try isNewDirectory(pending[0]) else { throw Failure(path: folder, code: ENOTDIR) }
        } catch {
            throw diagnostic(error)
        }
        while let path = pending.popLast() {
            do throws(Failure) {
                for (name, kind) in try entries(path) where kind != DT_REG {
                    if try isNewDirectory("\(path)/\(name)") { pending.append("\(path)/\(name)") }
                }
            } catch {
                throw diagnostic(error)
            }
        }
    }

    private struct Failure: Error {
        let path: String
        let code: CInt
    }

    private func diagnostic(_ failure: Failure) -> Diagnostic {
        var path = failure.path
        if path.hasPrefix("./") { path.removeFirst(2) }
        let shown = GitWords.printable(path)
        switch failure.code {
        case EXDEV:
            return Diagnostic(
                code: "git-path", "commit \(commit): \(shown) leads out of the repository",
                hint: "replace the symbolic link by one that is relative and stays inside")
        case ENOENT, ENOTDIR:
            return Diagnostic(
                code: "git-path", "commit \(commit) has no folder \(shown)",
                hint: "--path names the folder of the manifests, relative to the top of the repository")
        default:
            return systemError(
                "git-path", "commit \(commit): cannot read \(shown)", call: "openat2", errno: failure.code)
        }
    }

    /// Whether this is a directory, links followed, that was not yet walked. Links that lead nowhere are not our concern.
    private mutating func isNewDirectory(_ path: String) throws(Failure) -> Bool {
        let number = resolve(path, RECONCILE_O_PATH)
        guard number >= 0 else {
            if errno == EXDEV || seen.isEmpty { throw Failure(path: path, code: errno) }
            return false
        }
        let descriptor = Descriptor(number)
        var status = stat()
        guard fstat(descriptor.number, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return false }
        return seen.insert(UInt64(status.st_ino)).inserted
    }

    private func entries(_ path: String) throws(Failure) -> [(name: String, kind: UInt8)] {
        let number = resolve(path, O_RDONLY | O_DIRECTORY)
        guard number >= 0 else { throw Failure(path: path, code: errno) }
        guard let stream = fdopendir(number) else {
            close(number)
            throw Failure(path: path, code: errno)
        }
        defer { closedir(stream) }
        var entries: [(String, UInt8)] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { entries.append((name, entry.pointee.d_type)) }
        }
        return entries
    }

    /// openat2(2): no step may leave the checkout, by `..`, an absolute link, or /proc's magic links.
    private func resolve(_ path: String, _ flags: CInt) -> CInt {
        var how = open_how()
        how.flags = UInt64(flags | O_CLOEXEC)
        how.resolve = UInt64(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)
        while true {
            let result = CInt(
                reconcile_syscall_openat2(
                    Int(RECONCILE_SYS_OPENAT2), top.number, path, &how, MemoryLayout<open_how>.size))
            // A rename anywhere on the host may make the kernel ask for another try.
            if result < 0, errno == EAGAIN || errno == EINTR { continue }
            return result
        }
    }
}
