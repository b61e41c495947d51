import Foundation
import Testing

@testable import LinuxHost

/// A directory without symbolic links in its path that is removed after the test.
func withTree(_ body: (Tree) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "watch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let real = try #require(realpath(directory.path, nil))
    defer { free(real) }
    try body(Tree(path: String(cString: real)))
}

/// The system calls that editors and tools make, below a directory.
struct Tree {
    let path: String

    func at(_ name: String) -> String { name.isEmpty ? path : "\(path)/\(name)" }

    func write(_ name: String, _ text: String = "x") {
        let file = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        #expect(file >= 0, "\(name)")
        #expect(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
        close(file)
        awaitClosing(name)
    }

    /// Waits until nobody has a file open for writing: a process that is being started elsewhere in the tests has a copy
    /// of the descriptor for some moments, and the event comes when the last one is closed.
    func awaitClosing(_ name: String) {
        for _ in 0..<30_000 {
            guard OpenForWriting.check(at(name)) else { return }
            usleep(1000)
        }
    }

    func makeDirectory(_ name: String) { #expect(mkdir(at(name), 0o755) == 0, "\(name)") }

    func link(_ name: String, to target: String) { #expect(symlink(target, at(name)) == 0, "\(name)") }

    func move(_ name: String, to other: String) { #expect(rename(at(name), at(other)) == 0, "\(name)") }

    func remove(_ name: String) { #expect(Glibc.remove(at(name)) == 0, "\(name)") }

    func removeAll(_ name: String) { try? FileManager.default.removeItem(atPath: at(name)) }

    /// A link is replaced in one step, as kubelet and git-sync do.
    func swap(_ name: String, to target: String) {
        link(name + "_tmp", to: target)
        move(name + "_tmp", to: name)
    }

    /// Names as manifests have them.
    func watch(_ name: String = "") throws -> TreeWatch {
        let filter = TreeFilter(
            isIgnored: { $0.hasPrefix(".") || $0.hasSuffix("~") || $0.hasPrefix("#") },
            isFile: { $0.hasSuffix(".yaml") })
        return try TreeWatch(root: at(name), filter: filter)
    }
}

/// Runs a program to its end; its exit status, -1 where a signal ended it. Foundation's Process is of no use here: its
/// waiting needs a run loop, and threads of tests have none.
func run(_ arguments: String...) throws -> Int32 {
    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in argv { free(pointer) } }
    var pid: pid_t = 0
    try #require(posix_spawnp(&pid, arguments[0], nil, nil, &argv, environ) == 0, "\(arguments)")
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? (status >> 8) & 0xff : -1
}
