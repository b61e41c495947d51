/// A document of a tree.
struct YAMLDocument {
    let root: NodeIndex
    /// The composer reported an error: what can be read of it is checked, but nothing comes of it.
    let isBroken: Bool
}

/// All documents of one file. Aliases are expanded by reference: two parents may share a child.
struct YAMLTree {
    var nodes: [YAMLNode] = []
    var children: [NodeIndex] = []
    /// The bytes of all scalars, one after another (UTF-8, already checked).
    var text: [UInt8] = []
    /// Each document that is not empty.
    var documents: [YAMLDocument] = []
    /// A document was given up: nobody knows what it would have described.
    var isIncomplete = false

    /// A node's row.
    subscript(_ index: NodeIndex) -> YAMLNode {
        @inline(__always) get { nodes[Int(index)] }
    }

    /// A scalar's text.
    func string(_ index: NodeIndex) -> String {
        let node = self[index]
        return text.withUnsafeBufferPointer { bytes in
            let start = Int(node.start)
            return String(
                decoding: UnsafeBufferPointer(rebasing: bytes[start..<start + Int(node.count)]), as: UTF8.self)
        }
    }

    /// True where a scalar's text is exactly these bytes.
    @inline(__always)
    func scalar(_ index: NodeIndex, equals bytes: [UInt8]) -> Bool {
        let node = self[index]
        guard Int(node.count) == bytes.count else { return false }
        let start = Int(node.start)
        for offset in 0..<bytes.count where text[start + offset] != bytes[offset] { return false }
        return true
    }

    /// True where two scalars have the same text.
    func equal(_ left: NodeIndex, _ right: NodeIndex) -> Bool {
        let (first, second) = (self[left], self[right])
        guard first.count == second.count else { return false }
        for offset in 0..<Int(first.count)
        where text[Int(first.start) + offset] != text[Int(second.start) + offset] { return false }
        return true
    }

    /// The entry at a place in a collection.
    @inline(__always)
    func child(_ node: YAMLNode, _ offset: Int) -> NodeIndex { children[Int(node.start) + offset] }

    /// True for a plain scalar without text: what `key:` with nothing behind it has.
    func isEmpty(_ index: NodeIndex) -> Bool {
        let node = self[index]
        return node.kind == .scalar && node.isPlain && node.count == 0
    }
}
