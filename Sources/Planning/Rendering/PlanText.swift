import Model

/// A plan as people read it (section 5 of the design).
public struct PlanText: Sendable {
    let plan: Plan
    let style: TextStyle

    /// Prepares a plan for printing.
    public init(_ plan: Plan, style: TextStyle = .plain) {
        self.plan = plan
        self.style = style
    }

    /// The text, ending with a line break.
    public func render() -> String {
        var out = ""
        if !plan.drift.isEmpty {
            let count = plan.drift.count
            out +=
                style.bold("Drift: \(count) object\(count == 1 ? " was" : "s were") changed outside of reconcile")
                + "\n"
            let names = plan.drift.map(\.resource.description)
            let width = names.map(\.count).max() ?? 0
            let titleWidth = max(22, plan.drift.map { $0.id.title.count }.max() ?? 0)
            for (change, name) in zip(plan.drift, names) {
                for line in driftLines(change, titleWidth) {
                    out += "  \(sign(change, isDrift: true)) \(padded(name, width)) \(line)\n"
                }
            }
            out += "\n"
        }
        guard !plan.isEmpty else {
            let count = plan.resourceCount
            return out
                + (plan.hasErrors ? "" : "No changes. The host matches \(count) resource\(count == 1 ? "" : "s").\n")
        }
        out += style.bold("Plan:") + "\n"
        let places = places()
        var current: ResourceID?
        for change in plan.changes {
            if change.resource != current {
                current = change.resource
                out += "  " + style.bold(change.resource.description)
                out += places[change.resource].map { style.dim("   (\($0.file):\($0.line))") } ?? ""
                out += "\n"
            }
            out += line(change) + "\n"
        }
        return out + "\n" + summaryLine + "\n"
    }

    /// `1 to add, 2 to change, 0 to replace, 3 to delete.`
    public var summaryLine: String {
        let summary = plan.summary
        return "\(summary.add) to add, \(summary.change) to change, \(summary.replace) to replace, "
            + "\(summary.delete) to delete."
    }

    /// One operation as the plan and the progress of an apply print it, without its sign.
    public static func describe(_ change: Change) -> String {
        let title = padded(change.id.title, 30)
        return trimmed(title + " " + detail(change))
    }

    /// Where each resource's document begins, as far as its changes tell.
    private func places() -> [ResourceID: SourcePosition] {
        var places: [ResourceID: SourcePosition] = [:]
        for change in plan.changes {
            guard let source = change.after?.source else { continue }
            let resource = change.resource
            places[resource] = min(places[resource] ?? source, source)
        }
        return places
    }

    private func line(_ change: Change) -> String {
        let reason: String
        switch change.action {
        case .delete: reason = "# \(change.cause.message)"
        case .replace: reason = "# replaced: \(change.cause.message)"
        case .create, .update: reason = change.cause.kind == .manifest ? "" : "# \(change.cause.message)"
        }
        let mark = change.action == .replace ? "   " + sign(change) : "    " + sign(change)
        let text = Self.describe(change)
        return Self.trimmed("\(mark) \(text)" + (reason.isEmpty ? "" : "   " + style.dim(reason)))
    }

    private func sign(_ change: Change, isDrift: Bool = false) -> String {
        switch change.action {
        case .create: isDrift ? style.red("-") : style.green("+")
        case .update: style.yellow("~")
        case .replace: isDrift ? style.yellow("~") : style.red("-/+")
        case .delete: style.red("-")
        }
    }

    private func driftLines(_ change: Change, _ width: Int) -> [String] {
        let title = padded(change.id.title, width)
        let place = change.id.place.isEmpty ? "" : "\(change.id.place)  "
        if change.fields.isEmpty { return [Self.trimmed("\(title) \(place)\(change.cause.message)")] }
        return change.fields.map { "\(title) \(place)\(Self.text($0))" }
    }

    private static func detail(_ change: Change) -> String {
        let place = change.id.place
        switch change.action {
        case .create:
            let values = change.id.kind.shown.compactMap { name in
                change.object[name].flatMap { summary(name, $0) }
            }
            return ([place] + values).filter { !$0.isEmpty }.joined(separator: ", ")
        case .delete: return place
        case .update, .replace:
            let fields = change.fields.map(text).joined(separator: ", ")
            return [place, fields].filter { !$0.isEmpty }.joined(separator: "  ")
        }
    }

    /// How a field of a new object shows; what speaks for itself goes without its name.
    private static func summary(_ name: FieldName, _ value: FieldValue) -> String? {
        switch name {
        case .type, .target, .value, .hook: return value.description
        case .master: return value == "" ? nil : "port of \(value)"
        case .digest: if case .unknown = value { return value.description } else { return nil }
        default: return "\(name) \(value)"
        }
    }

    private static func text(_ field: Change.FieldChange) -> String {
        let before = field.before.map(\.description) ?? "(none)"
        let after = field.after.map(\.description) ?? "(none)"
        return "\(field.name) \(before) -> \(after)"
    }

    private func padded(_ text: String, _ width: Int) -> String { Self.padded(text, width) }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
