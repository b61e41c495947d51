import Model

extension EventReader {
    /// The newest `count` lines that a filter admits, as far as `kept` keeps them, oldest first; how many it leaves out is
    /// told by it. What is not kept is not held in memory either.
    func newestLines(_ count: Int, _ filter: EventFilter, _ kept: NewestLines) -> NewestLines {
        var (admitted, bytes, isFull) = (0, 0, false)
        var newest: [[UInt8]] = []
        eachNewest { line in
            guard admitted < count else { return false }
            guard let event = try? JSONValue(parsing: line) else { return true }
            if filter.isPast(event) { return false }
            guard filter.admits(event) else { return true }
            admitted += 1
            bytes += line.count
            // What comes after one that does not fit is older.
            isFull = isFull || bytes > kept.size || newest.count == kept.count
            if !isFull { newest.append(Array(line)) }
            return true
        }
        var kept = kept
        kept.leaveOut(admitted - newest.count)
        for line in newest.reversed() { kept.append(line[...]) }
        return kept
    }
}
