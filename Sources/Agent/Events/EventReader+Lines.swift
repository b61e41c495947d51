import Model

extension EventReader {
    /// The newest `count` lines that a filter admits, as far as `kept` keeps them, oldest first; how many it leaves out is
    /// told by it. What is not kept is not held in memory either. Those since `begun`, in milliseconds since 1970, are
    /// wanted beside that number.
    func newestLines(
        _ count: Int, _ filter: EventFilter, _ kept: NewestLines, since begun: Int64? = nil
    ) -> NewestLines {
        var (admitted, older, bytes, isFull) = (0, 0, 0, false)
        let recent = begun.map { EventFilter(since: $0) }
        var newest: [[UInt8]] = []
        eachNewest { line in
            guard let event = try? JSONValue(parsing: line) else { return older < count }
            let isRecent = recent?.admits(event) ?? false
            guard isRecent || older < count, !filter.isPast(event) else { return false }
            guard filter.admits(event) else { return true }
            admitted += 1
            if !isRecent { older += 1 }
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
