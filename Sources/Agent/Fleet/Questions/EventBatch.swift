import Model

/// Events as a node sends them: lines of its log, and how many that were asked for it has told or left out before them.
struct EventBatch: Hashable, Sendable {
    /// Of the events that were asked for, the number of the first of these, from 0.
    var first: Int
    /// Each as the log has it: one JSON object.
    var lines: [String]

    init(first: Int, lines: [String]) {
        self.first = first
        self.lines = lines
    }

    init?(_ json: JSONValue) {
        guard let first = json["first"]?.int.flatMap({ Int(exactly: $0) }), first >= 0,
            let lines = json["events"]?.array
        else { return nil }
        self.init(first: first, lines: lines.compactMap(\.string))
    }

    var json: JSONValue { ["first": .int(Int64(first)), "events": .strings(lines)] }
}

/// Keeps the newest lines up to a size, and counts what it leaves out.
struct NewestLines {
    /// Bytes, at most.
    let size: Int
    /// Lines, at most.
    let count: Int
    private(set) var lines: [String] = []
    private(set) var leftOut = 0
    private var bytes = 0

    init(size: Int, count: Int) { (self.size, self.count) = (size, count) }

    /// Counts lines that were left out before.
    mutating func leaveOut(_ number: Int) { leftOut += number }

    /// Takes the next line.
    mutating func append(_ line: ArraySlice<UInt8>) {
        let text = String(decoding: line, as: UTF8.self)
        lines.append(text)
        bytes += text.utf8.count
        var over = 0
        while over < lines.count, bytes > size || lines.count - over > count {
            bytes -= lines[over].utf8.count
            over += 1
        }
        lines.removeFirst(over)
        leftOut += over
    }
}
