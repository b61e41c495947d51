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
        var out = DriftText(drift: plan.drift, style: style).render()
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
        let title = change.id.title.padded(30)
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
        let why = change.cause.kind == .drift ? "drift" : change.cause.message
        let reason: String
        switch change.action {
        case .delete: reason = "# \(why)"
        case .replace: reason = "# replaced: \(why)"
        case .create, .update: reason = change.cause.kind == .manifest ? "" : "# \(why)"
        }
        let mark = change.action == .replace ? "   " + sign(change) : "    " + sign(change)
        let text = Self.describe(change)
        return Self.trimmed("\(mark) \(text)" + (reason.isEmpty ? "" : "   " + style.dim(reason)))
    }

    private func sign(_ change: Change) -> String {
        switch change.action {
        case .create: style.green("+")
        case .update: style.yellow("~")
        case .replace: style.red("-/+")
        case .delete: style.red("-")
        }
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

    static func text(_ field: Change.FieldChange) -> String {
        let before = field.before.map(\.description) ?? "(none)"
        let after = field.after.map(\.description) ?? "(none)"
        return "\(field.name) \(before) -> \(after)"
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
