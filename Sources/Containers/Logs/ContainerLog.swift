import Glibc
import Model

/// Reads what the incarnations of one container wrote.
public struct ContainerLog: Sendable {
    let directory: String

    /// The log of a container by its name. It stays when the container goes, until ``remove()``.
    public init(layout: StateLayout, name: String) { directory = layout.logs(name) }

    /// Whether anything was ever logged.
    public var exists: Bool { !files.isEmpty }

    /// The files of all incarnations, oldest first.
    private var files: [String] {
        Files.names(in: directory).filter { $0.hasSuffix(".log") }
            .map { name -> (path: String, time: timespec) in
                var status = stat()
                let path = directory + "/" + name
                return (path, stat(path, &status) == 0 ? status.st_mtim : timespec())
            }
            .sorted { ($0.time.tv_sec, $0.time.tv_nsec) < ($1.time.tv_sec, $1.time.tv_nsec) }
            .map { $0.path }
    }

    /// The newest entries of all incarnations, oldest first; `tail: nil` for all.
    public func read(tail: Int? = nil) -> [LogLine] {
        var lines: [LogLine] = []
        for path in files.reversed() {
            if let tail, lines.count >= tail { break }
            let text = Files.text(path) ?? ""
            lines = text.split(separator: "\n").compactMap { LogLine($0) } + lines
        }
        return tail.map { Array(lines.suffix($0)) } ?? lines
    }

    /// The newest entries, then each new one as it is written, over restarts of the container, until the task that
    /// reads them ends. Looks five times a second: conmon begins a file anew by renaming, which a watch would lose.
    public func follow(tail: Int? = nil) -> AsyncStream<LogLine> {
        AsyncStream { continuation in
            let task = Task {
                var reader = Follower(directory: directory, paths: files)
                for line in read(tail: tail) { continuation.yield(line) }
                while !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(200))
                    for line in reader.news(in: files) { continuation.yield(line) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Removes the logs of all incarnations but the newest ones.
    public func prune(keep: Int) {
        for path in files.dropLast(keep) { unlink(path) }
    }

    /// Removes all logs of the container.
    public func remove() throws(Diagnostic) { try Files.removeTree(directory) }
}

/// How far each file was read. A file that became another one (a smaller size, another inode) is read from its start.
private struct Follower {
    private var seen: [String: (inode: ino_t, offset: Int)] = [:]

    init(directory: String, paths: [String]) {
        for path in paths {
            var status = stat()
            if stat(path, &status) == 0 { seen[path] = (status.st_ino, Int(status.st_size)) }
        }
    }

    /// The whole lines that were added since the last call.
    mutating func news(in paths: [String]) -> [LogLine] {
        var lines: [LogLine] = []
        for path in paths {
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            var (inode, offset) = seen[path] ?? (status.st_ino, 0)
            if inode != status.st_ino || offset > Int(status.st_size) { (inode, offset) = (status.st_ino, 0) }
            if offset < Int(status.st_size) {
                let new = Self.read(path, from: offset)
                let end = new.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                lines += String(decoding: new[..<end], as: UTF8.self).split(separator: "\n").compactMap { LogLine($0) }
                offset += end
            }
            seen[path] = (inode, offset)
        }
        return lines
    }

    private static func read(_ path: String, from offset: Int) -> [UInt8] {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return [] }
        defer { close(number) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = pread(number, &buffer, buffer.count, off_t(offset + all.count))
            guard count > 0 else { return all }
            all += buffer[..<count]
        }
    }
}
