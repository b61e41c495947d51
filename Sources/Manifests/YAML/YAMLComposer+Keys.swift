import CYAML
import Model

extension YAMLComposer {
    /// Above this many members, keys are compared through a table and not pair by pair.
    private static let fewKeys = 12

    /// Refuses keys that are no text and keys that are written twice; notes merge keys.
    mutating func checkKeys(_ mapping: NodeIndex) {
        let node = tree[mapping]
        let members = Int(node.count) / 2
        for member in 0..<members {
            let key = tree.child(node, member * 2)
            if tree[key].kind != .scalar {
                guard admitError() else { continue }
                report(
                    Diagnostic(
                        code: "key-not-text",
                        "a key must be text, not a \(tree[key].kind == .mapping ? "map" : "list")",
                        hint: "a text that begins with { or [ needs quotes", position: position(key)))
            } else if tree.isMergeKey(key) {
                tree.nodes[Int(mapping)].hasMerge = true
                checkMerge(tree.child(node, member * 2 + 1))
            }
        }
        if members <= Self.fewKeys {
            for member in 1..<max(1, members) {
                let key = tree.child(node, member * 2)
                let first = (0..<member).first { tree.equal(tree.child(node, $0 * 2), key) }
                if let first { reportDuplicate(key, first: tree.child(node, first * 2)) }
            }
        } else {
            var known: [String: NodeIndex] = [:]
            for member in 0..<members {
                let key = tree.child(node, member * 2)
                guard tree[key].kind == .scalar else { continue }
                let text = tree.string(key)
                if let first = known[text] { reportDuplicate(key, first: first) } else { known[text] = key }
            }
        }
    }

    private mutating func reportDuplicate(_ key: NodeIndex, first: NodeIndex) {
        guard tree[key].kind == .scalar, tree[first].kind == .scalar, admitError() else { return }
        let merge = tree.isMergeKey(key) ? "; to merge several, write <<: [*a, *b]" : ""
        report(
            Diagnostic(
                code: "duplicate-key", "the key \(quoted(tree.string(key))) is written twice",
                hint: "it stands first at \(position(first))\(merge)", position: position(key),
                excerpt: .init(line: "", length: Int(tree[key].length))))
    }

    /// `<<` takes a map or a list of maps.
    private mutating func checkMerge(_ value: NodeIndex) {
        let node = tree[value]
        let wrong =
            switch node.kind {
            case .mapping: [NodeIndex]()
            case .scalar: [value]
            case .sequence:
                (0..<Int(node.count)).map { tree.child(node, $0) }.filter { tree[$0].kind != .mapping }
            }
        for value in wrong where admitError() {
            report(
                Diagnostic(
                    code: "wrong-merge", "<< merges a map or a list of maps, nothing else",
                    hint: "write <<: *name, where &name stands before a map", position: position(value)))
        }
    }

    /// The schema decides about types, so YAML's own tags say nothing; all others would.
    mutating func check(tag: UnsafeMutablePointer<yaml_char_t>, _ node: NodeIndex, of known: [String]) {
        let name = Self.text(tag)
        if name == "!" { return }
        let prefix = "tag:yaml.org,2002:"
        if name.hasPrefix(prefix), known.contains(String(name.dropFirst(prefix.count))) { return }
        guard admitError() else { return }
        let short = name.removing(prefix: prefix).map { "!!\($0)" } ?? name
        report(
            Diagnostic(
                code: "unknown-tag", "the tag \(quoted(short)) has no meaning here",
                hint: "remove it: the schema decides what type a value has", position: position(node)))
    }
}
