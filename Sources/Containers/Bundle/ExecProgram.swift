import Glibc
import Model

/// The program of a command, looked up in the container as execvp(3) does: the runtimes each say something else, with
/// another status, where it is not there.
enum ExecProgram {
    /// Throws `program-not-found` or `program-not-executable`.
    ///
    /// `root` is the container's root file system; `directory` and `environment` are those of the process.
    static func check(
        _ program: String, root: String, directory: String, environment: [String]
    ) throws(Diagnostic) {
        var candidates = [program.hasPrefix("/") ? program : "\(directory)/\(program)"]
        if !program.utf8.contains(UInt8(ascii: "/")) {
            // Without a PATH each runtime has one of its own.
            guard let path = environment.first(where: { $0.hasPrefix("PATH=") })?.dropFirst(5), !path.isEmpty else {
                return
            }
            candidates = path.split(separator: ":").map { "\($0)/\(program)" }
        }
        var isThere = false
        for candidate in candidates {
            errno = 0
            guard let mode = Files.mode(of: candidate, inRoot: root) else {
                // What cannot be looked at is left to the runtime.
                guard errno == ENOENT || errno == ENOTDIR else { return }
                continue
            }
            if mode & S_IFMT == S_IFREG, mode & 0o111 != 0 { return }
            isThere = true
        }
        if isThere {
            throw Diagnostic(code: "program-not-executable", "\(program) is not a program that can be run")
        }
        let place = candidates.count == 1 ? "in the container" : "in the container's PATH"
        throw Diagnostic(code: "program-not-found", "there is no program \(program) \(place)")
    }
}
