import Model

extension Decoding {
    /// Renumbers the positions below the list at the path: of its items, only those at these places were kept.
    mutating func keepPositions(ofItems places: [Int]) {
        let prefix = fieldPath + "["
        let next = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1, $0) })
        var kept: [String: SourcePosition] = [:]
        kept.reserveCapacity(positions.count)
        for (path, position) in positions {
            guard path.hasPrefix(prefix) else {
                kept[path] = position
                continue
            }
            let rest = path.dropFirst(prefix.count)
            guard let close = rest.firstIndex(of: "]"), let place = Int(rest[..<close]), let number = next[place]
            else { continue }
            kept["\(prefix)\(number)\(rest[close...])"] = position
        }
        positions = kept
    }
}
