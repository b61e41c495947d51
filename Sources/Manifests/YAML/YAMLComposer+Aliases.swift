import CYAML
import Model

extension YAMLComposer {
    /// Puts the value of an anchor where its alias stands. False where that would cost too much.
    mutating func alias(_ event: yaml_event_t) -> Bool {
        let name = Self.text(event.data.alias.anchor)
        let place = position(event.start_mark)
        let excerpt = Diagnostic.Excerpt(line: "", length: name.count + 1)
        guard let target = anchors[name] else {
            guard admitError() else { return placeholder(event) }
            let near = NearestName.hint(for: name, among: anchors.keys.sorted())
            report(
                Diagnostic(
                    code: "unknown-anchor", "no anchor &\(name) before this alias in the document", hint: near,
                    position: place, excerpt: excerpt))
            return placeholder(event)
        }
        guard tree[target].weight > 0 else {
            guard admitError() else { return placeholder(event) }
            report(
                Diagnostic(
                    code: "alias-loop", "the alias *\(name) stands within its own anchor", position: place,
                    excerpt: excerpt))
            return placeholder(event)
        }
        let cost = aliasCost.addingReportingOverflow(tree[target].weight)
        aliasCost = cost.overflow ? .max : cost.partialValue
        guard aliasCost <= Self.aliasBudget else {
            guard admitError() else { return false }
            report(
                Diagnostic(
                    code: "alias-bomb", "the aliases of this document expand to more than \(Self.aliasBudget) values",
                    hint: "write the values out, or use fewer aliases of aliases", position: place, excerpt: excerpt))
            abandonDocument()
            return false
        }
        attach(target)
        return true
    }

    /// Stands for an alias that names nothing, so that the rest of the document is still checked. The error that was
    /// reported keeps the document out; weight 1 and no text give no further cost.
    private mutating func placeholder(_ event: yaml_event_t) -> Bool {
        let node = add(.scalar, plain: true, event)
        tree.nodes[Int(node)].isPlaceholder = true
        attach(node)
        return true
    }
}
