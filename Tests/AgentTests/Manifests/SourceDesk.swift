import Foundation
import Manifests
import Model
import Testing

import enum LinuxHost.OpenForWriting

@testable import Agent

/// A directory of manifests that is watched, with a clock that only moves when it is told to.
final class SourceDesk {
    let directory: String
    let root: String
    private(set) var source: ManifestSource
    var now = ContinuousClock.now
    let timing: ManifestTiming

    init(_ directory: String, root: String = "m", timing: ManifestTiming = ManifestTiming()) {
        self.directory = directory
        self.root = "\(directory)/\(root)"
        self.timing = timing
        source = ManifestSource(
            root: self.root, set: "default", dataDirectory: directory + "/data", timing: timing, now: now)
    }

    /// A new agent.
    func restart() {
        source = ManifestSource(
            root: root, set: "default", dataDirectory: directory + "/data", timing: timing, now: now)
    }

    func at(_ name: String) -> String { name.isEmpty ? root : "\(root)/\(name)" }

    func makeRoot() { mkdir(root, 0o755) }

    func write(_ name: String, _ text: String) { Self.write(text, to: at(name)) }

    /// Writes a file at a whole path.
    static func write(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        #expect(file >= 0 && Glibc.write(file, text, text.utf8.count) == text.utf8.count)
        close(file)
        awaitClosing(path)
    }

    /// Waits until nobody has a file open for writing: a process that is being started elsewhere in the tests has a copy
    /// of the descriptor for some moments, and the event comes when the last one is closed.
    private static func awaitClosing(_ path: String) {
        for _ in 0..<30_000 {
            guard OpenForWriting.check(path) else { return }
            usleep(1000)
        }
    }

    func writeContainers(_ name: String, _ containers: String...) {
        write(name, containers.map(Self.container).joined(separator: "---\n"))
    }

    static func container(_ name: String) -> String {
        "apiVersion: reconcile/v1\nkind: Container\nmetadata: { name: \(name) }\nspec: { image: one }\n"
    }

    /// Past the size that is read.
    func enlarge(_ name: String) {
        let file = open(at(name), O_WRONLY | O_CLOEXEC)
        #expect(ftruncate(file, 65 << 20) == 0)
        close(file)
        Self.awaitClosing(at(name))
    }

    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: at(name)) }

    /// What the agent's loop does when the descriptor is readable, and when the deadline has come. A process that is
    /// being started elsewhere in the tests may have a copy of a descriptor that was written to: then once more.
    func settle() -> ManifestUpdate? {
        for _ in 0..<100 {
            source.drain(now)
            let deadline = source.nextDeadline
            // Nothing but the poll is due.
            guard deadline < now + .seconds(3) else { return nil }
            now = max(now, deadline)
            if let update = source.update(now) { return update }
            usleep(1000)
        }
        return nil
    }

    /// The next look at the tree without an event, and what it leads to.
    func poll() -> ManifestUpdate? {
        now = max(now, source.nextDeadline)
        return source.update(now) ?? settle()
    }
}

extension ManifestUpdate {
    var names: [String] { input.resources.containers.map(\.metadata.name) }
    var codes: [String] { diagnostics.map(\.code) }
}

/// Runs a program to its end; its exit status, -1 where a signal ended it. Foundation's Process is of no use here: its
/// waiting needs a run loop, and threads of tests have none.
func run(_ arguments: [String]) throws -> Int32 {
    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in argv { free(pointer) } }
    var pid: pid_t = 0
    try #require(posix_spawnp(&pid, arguments[0], nil, nil, &argv, environ) == 0, "\(arguments)")
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? (status >> 8) & 0xff : -1
}
