import Glibc
import Model
import Synchronization

/// The event log on disk: `<data-dir>/events.jsonl`, appended to, and moved aside to `events.jsonl.1` when it is full.
///
/// A log that cannot be written never stops the work: the first failure is kept and can be asked for.
public final class EventLog: Sendable {
    /// Bytes at which the log is moved aside: two files of this size are the bound on disk.
    public static let limit = 8 << 20

    private let path: String
    private let failure = Mutex<Diagnostic?>(nil)

    /// The log below a data directory, which need not exist yet.
    public init(dataDirectory: String) { path = "\(dataDirectory)/events.jsonl" }

    /// Why the log could not be written; `nil` where all is well.
    public var problem: Diagnostic? { failure.withLock { $0 } }

    /// Appends events, one line each, in one write.
    public func append(_ events: [Event]) {
        guard !events.isEmpty else { return }
        let text = events.map { $0.json.text() + "\n" }.joined()
        failure.withLock { $0 = write(Array(text.utf8)) }
    }

    private func write(_ bytes: [UInt8]) -> Diagnostic? {
        if let slash = path.lastIndex(of: "/") { makeDirectory(String(path[..<slash])) }
        var status = stat()
        if stat(path, &status) == 0, Int(status.st_size) + bytes.count > Self.limit { rename(path, path + ".1") }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return problem("open") }
        defer { close(descriptor) }
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count ? nil : problem("write")
    }

    private func makeDirectory(_ path: String) {
        guard mkdir(path, 0o700) != 0, errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex
        else { return }
        makeDirectory(String(path[..<slash]))
        mkdir(path, 0o700)
    }

    private func problem(_ call: String) -> Diagnostic {
        Diagnostic(
            .warning, code: "events-unwritable", "events cannot be written to \(path)",
            cause: "\(call): \(String(cString: strerror(errno)))")
    }

    /// The events on disk, oldest first, as JSON objects; at most the newest `count`.
    public func read(last count: Int = .max) -> [JSONValue] {
        var lines: [Substring] = []
        for file in [path + ".1", path] {
            guard let text = Self.text(of: file) else { continue }
            lines += text.split(separator: "\n")
        }
        return lines.suffix(count).compactMap { try? JSONValue(parsing: $0.utf8) }
    }

    /// Events as they are written from now on. It looks twice a second: for a reader that is soon enough.
    public func follow() -> AsyncStream<JSONValue> {
        let path = path
        return AsyncStream { continuation in
            let task = Task {
                var offset = Self.size(path)
                while !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(500))
                    let size = Self.size(path)
                    // The log was moved aside: what is there now is all new.
                    if size < offset { offset = 0 }
                    guard size > offset, let text = Self.text(of: path) else { continue }
                    let fresh = Array(text.utf8).dropFirst(offset)
                    guard let end = fresh.lastIndex(of: UInt8(ascii: "\n")) else { continue }
                    for line in fresh[..<end].split(separator: UInt8(ascii: "\n")) {
                        if let event = try? JSONValue(parsing: line) { continuation.yield(event) }
                    }
                    offset = end + 1
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
