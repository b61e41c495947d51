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
        var out = DriftText(drift: plan.drift, style: style).render() + notes
        guard !plan.isEmpty else { return out + (plan.hasErrors ? "" : "No changes. \(Self.standing(plan))\n") }
        out += style.bold("Plan:") + "\n"
        let width = Set(plan.changes.map(\.resource)).lazy.map(\.description.count).max() ?? 0
        var current: ResourceID?
        for change in plan.changes {
            if change.resource != current {
                current = change.resource
                out += "  " + heading(change.resource, width) + "\n"
            }
            out += line(change) + "\n"
        }
        return out + "\n" + summaryLine + "\n"
    }

    /// What of the host is as it should be, in a sentence.
    public static func standing(_ plan: Plan) -> String {
        let count = plan.resourceCount
        guard !plan.withheld.isEmpty else { return "The host matches \(count) resource\(count == 1 ? "" : "s")." }
        let objects = plan.withheld.count
        let names = Set(plan.withheld.map(\.resource)).sorted().map(\.description).joined(separator: ", ")
        return
            "\(objects) object\(objects == 1 ? " differs and is left as it is" : "s differ and are left as they are")"
            + ": \(names)."
    }

    /// Why something is left alone.
    private var notes: String {
        let notes = plan.diagnostics.filter { $0.severity == .note && ["suspended", "still-used"].contains($0.code) }
        return notes.isEmpty ? "" : notes.map { style.bold("Note:") + " \($0.message)\n" }.joined() + "\n"
    }

    /// `1 to add, 2 to change, 0 to replace, 3 to delete.`
    public var summaryLine: String {
        let summary = plan.summary
        return "\(summary.add) to add, \(summary.change) to change, \(summary.replace) to replace, "
            + "\(summary.delete) to delete."
    }

    /// One operation as the plan and the progress of an apply print it, without its sign.
    public static func describe(_ change: Change) -> String {
        trimmed(title(change, Self.titleWidth) + detail(change))
    }

    /// Characters from the sign to where the details begin.
    private static let titleWidth = 28

    private static func title(_ change: Change, _ width: Int) -> String {
        let title = change.id.title
        return title.count < width ? title.padded(width) : title + "  "
    }

    private func heading(_ resource: ResourceID, _ width: Int) -> String {
        guard let source = plan.sources[resource] else { return style.bold(resource.description) }
        let gap = String(repeating: " ", count: max(0, width - resource.description.count) + 2)
        return style.bold(resource.description) + gap + style.dim("(\(source.file):\(source.line))")
    }

    private func line(_ change: Change) -> String {
        let why = change.cause.kind == .drift && !change.cause.isTelling ? "drift" : change.cause.message
        let reason: String
        switch change.action {
        case .delete: reason = "# \(why)"
        case .replace: reason = "# replaced: \(why)"
        case .create, .update: reason = change.cause.kind == .manifest ? "" : "# \(why)"
        }
        // The sign of a replacement is wider; what follows stands in the same columns all the same.
        let isWide = change.action == .replace
        let start = (isWide ? "   " : "    ") + sign(change) + " "
        let title = Self.title(change, Self.titleWidth - (isWide ? 1 : 0))
        let detail = Self.detail(change)
        let tail = reason.isEmpty ? "" : (detail.isEmpty ? "" : "   ") + style.dim(reason)
        return Self.trimmed(start + title + detail + tail)
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
                change.object[name].flatMap { summary(name, $0, change.id.kind.units[name]) }
            }
            return ([place] + values).filter { !$0.isEmpty }.joined(separator: ", ")
        case .delete: return place
        case .update, .replace:
            let fields = change.fields.map { text($0, of: change.id.kind) }.joined(separator: ", ")
            return [place, fields].filter { !$0.isEmpty }.joined(separator: "  ")
        }
    }

    /// How a field of a new object shows; what speaks for itself goes without its name.
    private static func summary(_ name: FieldName, _ value: FieldValue, _ unit: FieldUnit?) -> String? {
        switch name {
        case .type, .target, .value, .hook: return value.description
        case .via where value == "": return nil
        case .master: return value == "" ? nil : "port of \(value)"
        case .digest: if case .unknown = value { return value.description } else { return nil }
        default: return "\(name) \(value.text(unit))"
        }
    }

    /// A field's change: `mtu 1400 -> 1500`; of a list only what goes and what comes. What speaks for itself goes
    /// without its name.
    static func text(_ field: Change.FieldChange, of kind: ObjectKind) -> String {
        let name = [.target, .value].contains(field.name) ? "" : "\(field.name) "
        if case .list(let before) = field.before, case .list(let after) = field.after,
            let difference = listText(before, after)
        {
            return name + difference
        }
        let unit = kind.units[field.name]
        let before = field.before.map { $0.text(unit) } ?? "(none)"
        let after = field.after.map { $0.text(unit) } ?? "(none)"
        return "\(name)\(before) -> \(after)"
    }

    /// `nil` where only the order differs, or hardly anything stays.
    private static func listText(_ before: [String], _ after: [String]) -> String? {
        let gone = before.filter { !after.contains($0) }
        let come = after.filter { !before.contains($0) }
        guard !gone.isEmpty || !come.isEmpty, gone.count < before.count || come.count < after.count else { return nil }
        let parts = [
            gone.isEmpty ? nil : "-[\(gone.joined(separator: ", "))]",
            come.isEmpty ? nil : "+[\(come.joined(separator: ", "))]",
        ]
        return parts.compactMap { $0 }.joined(separator: " ")
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
