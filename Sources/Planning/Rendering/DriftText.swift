import Model

/// The block that says what was changed outside of reconcile: a line a field, or a line for what is gone. What went with
/// something else is counted there and not told again; the plan below has each.
struct DriftText {
    let drift: [Change]
    let style: TextStyle

    func render() -> String {
        guard !drift.isEmpty else { return "" }
        let count = drift.count
        var out =
            style.bold("Drift: \(count) object\(count == 1 ? " was" : "s were") changed outside of reconcile") + "\n"
        let went = wentWith()
        let told = drift.filter { went.root[$0.id] == nil }
        let nameWidth = told.map { $0.resource.description.count }.max() ?? 0
        let titleWidth = max(21, told.map { $0.id.title.count }.max() ?? 0)
        for change in told {
            let start =
                "  \(sign(change)) \(change.resource.description.padded(nameWidth))   \(change.id.title.padded(titleWidth))  "
            let place = change.id.place.isEmpty ? "" : "\(change.id.place)  "
            let only = change.isWithheld ? " " + style.dim("(reported only)") : ""
            if change.fields.isEmpty {
                let more = went.count[change.id].map { ", and \($0) more that hung on it" } ?? ""
                out += "\(start)\(place)\(change.action == .delete ? "added" : "deleted")\(more)\(only)\n"
            }
            let why = change.cause.isTelling ? "   " + style.dim("# \(change.cause.message)") : ""
            for field in change.fields {
                out += "\(start)\(place)\(PlanText.text(field, of: change.id.kind))\(only)\(why)\n"
            }
        }
        return out + "\n"
    }

    private func sign(_ change: Change) -> String {
        switch change.action {
        case .create: style.red("-")
        case .delete: style.green("+")
        case .update, .replace: style.yellow("~")
        }
    }

    /// For what is gone because something below it is: that thing; and how many such each thing has.
    private func wentWith() -> (root: [ObjectID: ObjectID], count: [ObjectID: Int]) {
        let gone = Dictionary(
            drift.filter { $0.action == .create }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var root: [ObjectID: ObjectID] = [:]
        var count: [ObjectID: Int] = [:]
        for change in gone.values {
            var current = change
            while let parent = current.object.hangsOn.lazy.compactMap({ gone[$0] }).first { current = parent }
            guard current.id != change.id else { continue }
            root[change.id] = current.id
            count[current.id, default: 0] += 1
        }
        return (root, count)
    }
}

extension String {
    /// Filled up with spaces to a width in characters.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
