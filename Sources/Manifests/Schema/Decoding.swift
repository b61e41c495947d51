import Model

/// What decoding one file carries along: the tree, where it stands, and the errors so far.
struct Decoding {
    /// Errors of one file past this many are counted, not kept: a 10 MiB file of mistakes must not exhaust the host.
    static let limit = 1_000

    let tree: YAMLTree
    let file: String
    /// The absolute directory that relative paths of the manifest are relative to.
    let directory: String
    /// Of the file so far.
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var errorCount = 0
    /// Whose document is being read.
    var resource: ResourceID?
    /// Of the document: fields by their path below `spec`.
    var positions: [String: SourcePosition] = [:]
    /// A key is being read, not a value.
    private var isKey = false
    /// Where we stand: `networks[0].ipv4` below `spec`, `metadata.name` above it.
    private var path: [UInt8] = []

    init(tree: YAMLTree, file: String, directory: String) {
        self.tree = tree
        self.file = file
        self.directory = directory
        path.reserveCapacity(128)
    }

    /// Begins a document.
    mutating func begin(_ resource: ResourceID?) {
        self.resource = resource
        positions = [:]
        positions.reserveCapacity(32)
        path.removeAll(keepingCapacity: true)
    }

    /// What an error speaks of.
    var subject: String { path.isEmpty ? "a manifest" : isKey ? "a key of \(fieldPath)" : fieldPath }

    /// The path as text; empty at the top of `spec`.
    var fieldPath: String { String(decoding: path, as: UTF8.self) }

    func position(_ node: NodeIndex) -> SourcePosition {
        SourcePosition(file: file, line: Int(tree[node].line), column: Int(tree[node].column))
    }

    /// Reads a member of a map with the path extended by its name. It is remembered where its value stands if that is
    /// on its key's line, else where the key stands.
    mutating func within<T>(
        key: NodeIndex, value: NodeIndex, _ body: (NodeIndex, inout Decoding) -> T
    ) -> T {
        let depth = path.count
        if depth > 0 { path.append(UInt8(ascii: ".")) }
        let node = tree[key]
        let text = Int(node.start)..<Int(node.start + node.count)
        path.append(contentsOf: tree.text[text])
        positions[fieldPath] = position(tree[value].line == node.line ? value : key)
        defer { path.removeSubrange(depth...) }
        return body(value, &self)
    }

    /// Reads an item of a list with the path extended by its place.
    mutating func within<T>(item: Int, _ value: NodeIndex, _ body: (NodeIndex, inout Decoding) -> T) -> T {
        let depth = path.count
        path.append(contentsOf: "[\(item)]".utf8)
        positions[fieldPath] = position(value)
        defer { path.removeSubrange(depth...) }
        return body(value, &self)
    }

    /// Reads a key of the map at the path.
    mutating func key<T>(_ node: NodeIndex, _ body: (NodeIndex, inout Decoding) -> T) -> T {
        isKey = true
        defer { isKey = false }
        return body(node, &self)
    }

    /// Further errors are only counted.
    var isFull: Bool { diagnostics.count >= Self.limit }

    /// Reports an error at a node.
    mutating func report(_ code: String, _ message: String, hint: String? = nil, at node: NodeIndex) {
        errorCount += 1
        guard !tree[node].isPlaceholder, !isFull else { return }
        diagnostics.append(
            Diagnostic(
                code: code, message, hint: hint, resource: resource, position: position(node),
                excerpt: .init(line: "", length: Int(tree[node].length))))
    }

    /// Reports a value of the wrong type: what it must be, what it is, and what would be right.
    mutating func reportType(_ expected: String, at node: NodeIndex, hint: String? = nil) {
        let nothing = tree.isEmpty(node) ? "give it a value, or remove the field" : nil
        report("wrong-type", "\(subject) must be \(expected), not \(found(node))", hint: hint ?? nothing, at: node)
    }

    /// Reports a text that its type cannot be read from.
    mutating func reportValue(_ expected: String, at node: NodeIndex, hint: String? = nil) {
        report("invalid-value", "\(subject) must be \(expected), not \(found(node))", hint: hint, at: node)
    }

    /// Adds what the rules of a resource found. True where that is nothing.
    mutating func accepts(_ found: [Diagnostic]) -> Bool {
        errorCount += found.count
        diagnostics += found.prefix(max(0, Self.limit - diagnostics.count))
        return found.isEmpty
    }

    private func found(_ node: NodeIndex) -> String {
        switch tree[node].kind {
        case .mapping: "a map"
        case .sequence: "a list"
        case .scalar: tree.isEmpty(node) ? "empty" : quoted(tree.string(node))
        }
    }
}
