import Glibc

/// A file of the event log, open for reading: its whole lines, from either end.
final class EventLines {
    private static let newline = UInt8(ascii: "\n")
    private static let block = 64 << 10

    private let descriptor: Int32
    /// Which file it is, whatever its name is by now.
    let inode: ino_t

    /// Opens a file; `nil` where there is none.
    init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            return nil
        }
        inode = status.st_ino
    }

    deinit { close(descriptor) }

    /// Which file has a name now; `nil` where none has.
    static func inode(_ path: String) -> ino_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_ino : nil
    }

    /// Bytes now.
    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Where the last whole line before an offset ends.
    func endOfLines(before offset: Int) -> Int {
        var end = offset
        while end > 0 {
            let start = max(0, end - Self.block)
            let bytes = read(start, end - start)
            if let last = bytes.lastIndex(of: Self.newline) { return start + last + 1 }
            guard bytes.count == end - start else { return 0 }
            end = start
        }
        return 0
    }

    /// Calls `body` with the lines before an offset that ends a line, newest first, until it answers false. Only what is
    /// asked for is read.
    func newestFirst(before end: Int, _ body: (ArraySlice<UInt8>) -> Bool) {
        var start = end
        // What was read and not yet told: it begins in the middle of a line.
        var rest: [UInt8] = []
        while start > 0 {
            let length = min(start, Self.block)
            start -= length
            var bytes = read(start, length)
            guard bytes.count == length else { return }
            bytes += rest
            var lineEnd = bytes.endIndex
            while lineEnd > 0, let newline = bytes[..<(lineEnd - 1)].lastIndex(of: Self.newline) {
                guard body(bytes[(newline + 1)..<(lineEnd - 1)]) else { return }
                lineEnd = newline + 1
            }
            rest = Array(bytes[..<lineEnd])
        }
        if rest.count > 1 { _ = body(rest.dropLast()) }
    }

    /// Calls `body` with each whole line from an offset on; answers with where the last of them ends.
    func lines(from offset: Int, _ body: (ArraySlice<UInt8>) -> Void) -> Int {
        var offset = offset
        var rest: [UInt8] = []
        while true {
            let bytes = read(offset + rest.count, Self.block)
            if bytes.isEmpty { return offset }
            rest += bytes
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: Self.newline) {
                body(rest[start..<end])
                start = end + 1
            }
            offset += start
            rest = Array(rest[start...])
        }
    }

    private func read(_ offset: Int, _ length: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
            while filled < length {
                let count = pread(descriptor, buffer.baseAddress! + filled, length - filled, offset + filled)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                filled += count
            }
        }
    }
}
