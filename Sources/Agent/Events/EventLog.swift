import Glibc
import LinuxHost
import Model
import Synchronization

/// The event log on disk: `<data-dir>/events.jsonl`, appended to, and moved aside to `events.jsonl.1` when it is full.
///
/// A log that cannot be written never stops the work. That it cannot is told once, and once that it can again. Several
/// processes may write: each appends whole lines, under a lock of the file.
public final class EventLog: Sendable {
    /// Bytes at which the log is moved aside, unless told otherwise.
    public static let usualLimit = 8 << 20

    private struct State {
        /// Why events cannot be written now.
        var problem: Diagnostic?
        /// How many were lost since it last worked.
        var lost = 0
        /// How many were lost in all.
        var lostInAll = 0
    }

    let path: String
    private let limit: Int
    private let state = Mutex(State())

    /// The log below a data directory, which need not exist yet.
    ///
    /// - Parameter limit: bytes at which the file is moved aside: two files of this size are the bound on disk.
    public init(dataDirectory: String, limit: Int = usualLimit) {
        path = "\(dataDirectory)/events.jsonl"
        self.limit = limit
    }

    /// Why events are missing on disk; `nil` where none is.
    public var problem: Diagnostic? {
        state.withLock { state in
            if let problem = state.problem { return problem }
            return state.lostInAll == 0 ? nil : again(state.lostInAll)
        }
    }

    /// Appends events, one line each. Answers with what is new about the log: that it cannot be written, or can again.
    @discardableResult
    public func append(_ events: [Event]) -> Diagnostic? {
        guard !events.isEmpty else { return nil }
        let lines = events.map { Array(($0.json.text() + "\n").utf8) }
        return state.withLock { state in
            let (lost, problem) = write(lines)
            state.lost += lost
            state.lostInAll += lost
            defer { state.problem = problem }
            if let problem { return state.problem == nil ? problem : nil }
            guard state.problem != nil else { return nil }
            defer { state.lost = 0 }
            return again(state.lost)
        }
    }

    /// Writes lines; answers with how many were lost, and why.
    private func write(_ lines: [[UInt8]]) -> (lost: Int, problem: Diagnostic?) {
        var rest = lines[...]
        do throws(Errno) {
            while !rest.isEmpty {
                var file = try EventFile(path)
                let start: [UInt8] = file.isTorn ? [UInt8(ascii: "\n")] : []
                var piece = start
                var count = 0
                for line in rest where count == 0 || file.size + piece.count + line.count <= limit {
                    guard rest.startIndex + count < rest.endIndex else { break }
                    piece += line
                    count += 1
                }
                if file.size > 0, file.size + piece.count > limit {
                    guard rename(path, path + ".1") == 0 else { throw Errno() }
                    continue
                }
                let (written, reason) = file.append(piece[...])
                if let reason {
                    let kept = piece.prefix(written).count { $0 == UInt8(ascii: "\n") } - start.count
                    return (rest.count - max(0, kept), unwritable(reason))
                }
                rest = rest.dropFirst(count)
            }
            return (0, nil)
        } catch {
            return (rest.count, unwritable(error))
        }
    }

    private func unwritable(_ reason: Errno) -> Diagnostic {
        Diagnostic(
            .warning, code: "events-unwritable", "events cannot be written to \(path)", cause: "\(reason)",
            hint: "they are lost until it can be written again; all else goes on")
    }

    private func again(_ lost: Int) -> Diagnostic {
        Diagnostic(
            .warning, code: "events-lost",
            "events are written to \(path) again; \(lost) event\(lost == 1 ? " was" : "s were") lost")
    }
}
