import CYAML
import Model

/// Builds the tree from events, and refuses what YAML allows but no manifest may have.
struct YAMLComposer {
    /// Deeper than any schema of ours; bounds every recursion over the tree.
    static let maximumDepth = 100
    /// How much values may cost because of aliases, over what is written. Stops "billion laughs".
    static let aliasBudget: UInt32 = 200_000

    let file: String
    var tree = YAMLTree()
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var errorCount = 0
    /// Added to libyaml's lines, which count from 0 in each parser.
    private(set) var baseLine = 1
    /// Where the current document begins.
    private(set) var documentLine = 0
    /// Errors of the documents before the current one.
    private var errorsBefore = 0
    var anchors: [String: NodeIndex] = [:]
    private var open: [(node: NodeIndex, anchor: String?)] = []
    private var pending: [NodeIndex] = []
    private var bases: [Int] = []
    var aliasCost: UInt32 = 0

    init(file: String, size: Int) {
        self.file = file
        tree.text.reserveCapacity(size)
        tree.nodes.reserveCapacity(size / 12)
        tree.children.reserveCapacity(size / 12)
    }

    /// A parser begins at a line.
    mutating func begin(line: Int) {
        baseLine = line
        documentLine = line - 1
    }

    /// Counts an error. True where there are not yet so many that its words are worth making.
    mutating func admitError() -> Bool {
        errorCount += 1
        return diagnostics.count < Decoding.limit
    }

    /// Keeps an error that was admitted.
    mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    /// Takes one event. False where the document cannot be read any further.
    mutating func take(_ event: yaml_event_t) -> Bool {
        switch event.type {
        case YAML_SCALAR_EVENT: scalar(event)
        case YAML_MAPPING_START_EVENT, YAML_SEQUENCE_START_EVENT: return begin(event)
        case YAML_MAPPING_END_EVENT, YAML_SEQUENCE_END_EVENT: end(event)
        case YAML_ALIAS_EVENT: return alias(event)
        case YAML_DOCUMENT_START_EVENT:
            documentLine = max(documentLine, baseLine + Int(event.start_mark.line))
            reset()
        default: break
        }
        return true
    }

    /// Forgets a document that cannot be read to its end.
    mutating func abandonDocument() {
        tree.isIncomplete = true
        reset()
    }

    private mutating func reset() {
        anchors.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        pending.removeAll(keepingCapacity: true)
        bases.removeAll(keepingCapacity: true)
        aliasCost = 0
        errorsBefore = errorCount
    }

    func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(file: file, line: baseLine + Int(mark.line), column: Int(mark.column) + 1)
    }

    func position(_ node: NodeIndex) -> SourcePosition {
        SourcePosition(file: file, line: Int(tree[node].line), column: Int(tree[node].column))
    }

    mutating func add(_ kind: YAMLNode.Kind, plain: Bool, _ event: yaml_event_t) -> NodeIndex {
        let (start, end) = (event.start_mark, event.end_mark)
        let length = kind != .scalar ? 1 : start.line == end.line ? max(1, Int32(end.column) - Int32(start.column)) : 1
        tree.nodes.append(
            YAMLNode(
                kind: kind, isPlain: plain, line: Int32(baseLine) + Int32(start.line), column: Int32(start.column) + 1,
                length: length))
        return NodeIndex(tree.nodes.count - 1)
    }

    /// Hands a finished or shared value to the collection around it.
    mutating func attach(_ node: NodeIndex) {
        if open.isEmpty {
            guard !isNothing(node) else { return }
            tree.documents.append(YAMLDocument(root: node, isBroken: errorCount > errorsBefore))
        } else {
            pending.append(node)
        }
    }

    /// A document without a value: empty, only comments, or null.
    private func isNothing(_ node: NodeIndex) -> Bool {
        guard tree[node].kind == .scalar, tree[node].isPlain else { return false }
        return tree[node].count == 0 || ["~", "null"].contains(tree.string(node))
    }

    private mutating func scalar(_ event: yaml_event_t) {
        let scalar = event.data.scalar
        let node = add(.scalar, plain: scalar.style == YAML_PLAIN_SCALAR_STYLE, event)
        let start = tree.text.count
        tree.text.append(contentsOf: UnsafeBufferPointer(start: scalar.value, count: scalar.length))
        tree.nodes[Int(node)].start = Int32(start)
        tree.nodes[Int(node)].count = Int32(scalar.length)
        tree.nodes[Int(node)].weight = 1 + UInt32(scalar.length / 32)
        if let anchor = scalar.anchor { anchors[Self.text(anchor)] = node }
        if let tag = scalar.tag { check(tag: tag, node, of: ["str", "int", "bool", "float", "null"]) }
        attach(node)
    }

    private mutating func begin(_ event: yaml_event_t) -> Bool {
        let isMapping = event.type == YAML_MAPPING_START_EVENT
        let plain =
            isMapping
            ? event.data.mapping_start.style != YAML_FLOW_MAPPING_STYLE
            : event.data.sequence_start.style != YAML_FLOW_SEQUENCE_STYLE
        let node = add(isMapping ? .mapping : .sequence, plain: plain, event)
        guard open.count < Self.maximumDepth else {
            guard admitError() else { return false }
            report(
                Diagnostic(
                    code: "too-deep", "values are nested deeper than \(Self.maximumDepth) levels",
                    position: position(node), excerpt: .init(line: "", length: 1)))
            abandonDocument()
            return false
        }
        let anchor = isMapping ? event.data.mapping_start.anchor : event.data.sequence_start.anchor
        let tag = isMapping ? event.data.mapping_start.tag : event.data.sequence_start.tag
        if let tag { check(tag: tag, node, of: isMapping ? ["map"] : ["seq"]) }
        // While it is open its weight is 0: an alias to it would be a value within itself.
        let name = anchor.map { Self.text($0) }
        if let name {
            anchors[name] = node
            tree.nodes[Int(node)].weight = 0
        }
        open.append((node, name))
        bases.append(pending.count)
        return true
    }

    private mutating func end(_ event: yaml_event_t) {
        guard let (node, _) = open.popLast(), let base = bases.popLast() else { return }
        let index = Int(node)
        tree.nodes[index].start = Int32(tree.children.count)
        tree.nodes[index].count = Int32(pending.count - base)
        var weight: UInt32 = 1
        for child in pending[base...] {
            tree.children.append(child)
            let sum = weight.addingReportingOverflow(tree.nodes[Int(child)].weight)
            weight = sum.overflow ? .max : sum.partialValue
        }
        pending.removeSubrange(base...)
        tree.nodes[index].weight = weight
        if !tree.nodes[index].isPlain, event.end_mark.line == UInt(tree.nodes[index].line) - UInt(baseLine) {
            tree.nodes[index].length = Int32(event.end_mark.column) + 1 - tree.nodes[index].column
        }
        if tree.nodes[index].kind == .mapping { checkKeys(node) }
        attach(node)
    }

    static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>) -> String { String(cString: bytes) }
}
