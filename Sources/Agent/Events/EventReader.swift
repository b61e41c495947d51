import Model

/// Reads the event log: what is there, and what comes after.
public final class EventReader {
    /// How often a follower looks: for a reader that is soon enough.
    private static let interval = Duration.milliseconds(250)

    private let path: String
    /// The file that has the log's name when reading begins; what follows begins where that ended.
    private var file: EventLines?
    private var offset: Int

    /// Opens the log below a data directory. What is appended from now on is for ``follow(_:_:)``.
    public init(dataDirectory: String) {
        path = "\(dataDirectory)/events.jsonl"
        file = EventLines(path)
        offset = file.map { $0.endOfLines(before: $0.size) } ?? 0
    }

    /// The newest `count` events that a filter admits, oldest first. Lines that cannot be read are left out. Only the end
    /// of the log is read, as far as it takes.
    public func newest(_ count: Int = .max, _ filter: EventFilter = EventFilter()) -> [JSONValue] {
        var found: [JSONValue] = []
        var goesOn = count > 0
        func take(_ line: ArraySlice<UInt8>) -> Bool {
            guard let event = try? JSONValue(parsing: line) else { return true }
            if filter.isPast(event) { goesOn = false }
            if filter.admits(event) { found.append(event) }
            if found.count == count { goesOn = false }
            return goesOn
        }
        if goesOn { eachNewest(take) }
        return found.reversed()
    }

    /// Calls `body` with the lines that were there when reading began, newest first, until it answers false.
    func eachNewest(_ body: (ArraySlice<UInt8>) -> Bool) {
        var goesOn = true
        file?.newestFirst(before: offset) { line in
            goesOn = body(line)
            return goesOn
        }
        // Moved aside since we opened it, the log is its own predecessor.
        if goesOn, let old = EventLines(path + ".1"), old.inode != file?.inode {
            old.newestFirst(before: old.endOfLines(before: old.size), body)
        }
    }

    /// Gives events to `body` as they are written, until the task is cancelled. None is lost or told twice when the log
    /// is moved aside, unless that happens three times between two looks.
    public func follow(_ filter: EventFilter = EventFilter(), _ body: (JSONValue) -> Void) async {
        while !Task.isCancelled {
            advance { line in
                if let event = try? JSONValue(parsing: line), filter.admits(event) { body(event) }
            }
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Calls `body` with the lines since the last call.
    func advance(_ body: (ArraySlice<UInt8>) -> Void) {
        // Asked before reading: a file that has lost the name is complete.
        let named = EventLines.inode(path)
        if let file {
            // Somebody emptied it: what is there now is all new.
            if file.size < offset { offset = 0 }
            offset = file.lines(from: offset, body)
            guard named != nil, named != file.inode else { return }
        }
        let next = EventLines(path)
        // Moved aside twice: between ours and the current one there is another.
        if let file, let old = EventLines(path + ".1"), old.inode != file.inode, old.inode != next?.inode {
            _ = old.lines(from: 0, body)
        }
        file = next
        offset = file?.lines(from: 0, body) ?? 0
    }
}
