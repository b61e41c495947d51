/// A member of a mapping.
struct YAMLEntry {
    let key: NodeIndex
    let value: NodeIndex
}

extension YAMLTree {
    /// A mapping's members in order, merge keys resolved: a key written here goes before a merged one, and a mapping
    /// named earlier in `<<: [*a, *b]` before a later one (yaml.org/type/merge.html).
    func entries(_ index: NodeIndex) -> [YAMLEntry] {
        let node = self[index]
        var entries: [YAMLEntry] = []
        entries.reserveCapacity(Int(node.count) / 2)
        for offset in stride(from: 0, to: Int(node.count), by: 2) {
            let key = child(node, offset)
            if node.hasMerge, isMergeKey(key) { continue }
            entries.append(YAMLEntry(key: key, value: child(node, offset + 1)))
        }
        guard node.hasMerge else { return entries }
        var known = Set(entries.map { string($0.key) })
        for source in mergeSources(node) {
            for entry in self.entries(source) where known.insert(string(entry.key)).inserted { entries.append(entry) }
        }
        return entries
    }

    /// True for a plain `<<`.
    func isMergeKey(_ index: NodeIndex) -> Bool {
        self[index].kind == .scalar && self[index].isPlain && scalar(index, equals: [60, 60])
    }

    private func mergeSources(_ node: YAMLNode) -> [NodeIndex] {
        for offset in stride(from: 0, to: Int(node.count), by: 2) where isMergeKey(child(node, offset)) {
            let value = child(node, offset + 1)
            switch self[value].kind {
            case .mapping: return [value]
            case .sequence:
                return (0..<Int(self[value].count)).map { child(self[value], $0) }.filter { self[$0].kind == .mapping }
            case .scalar: return []
            }
        }
        return []
    }
}
