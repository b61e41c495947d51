import Model

extension Plan {
    /// The plan for programs, in the form of Terraform's (section 5 of the design).
    public var json: JSONValue {
        let summary = summary
        return [
            "formatVersion": "1.0",
            "revision": .string(revision),
            "drift": .array(drift.map { $0.json(in: self) }),
            "changes": .array(changes.map { $0.json(in: self) }),
            "summary": [
                "add": .int(Int64(summary.add)), "change": .int(Int64(summary.change)),
                "replace": .int(Int64(summary.replace)), "delete": .int(Int64(summary.delete)),
            ],
            "diagnostics": .array(diagnostics.map(\.json)),
        ]
    }
}

extension Change {
    /// One change for programs; `dependsOn` names objects of the plan.
    public func json(in plan: Plan) -> JSONValue {
        [
            "resource": .string(resource.description),
            "object": .string(id.description),
            "actions": .strings(actionNames),
            "before": before?.json ?? .null,
            "after": after?.json ?? .null,
            "fields": .array(
                fields.map {
                    [
                        "name": .string($0.name.description), "before": $0.before?.json ?? .null,
                        "after": $0.after?.json ?? .null,
                    ]
                }),
            "cause": ["kind": .string(cause.kind.rawValue), "message": .string(cause.message)],
            "source": (after?.source ?? before?.source)?.json ?? .null,
            "dependsOn": .strings(dependsOn.map { plan.changes[$0].id.description }),
        ]
    }

    private var actionNames: [String] {
        action == .replace ? [Action.delete.rawValue, Action.create.rawValue] : [action.rawValue]
    }
}

extension SourcePosition {
    /// `{file, line, column}`.
    public var json: JSONValue {
        ["file": .string(file), "line": .int(Int64(line)), "column": .int(Int64(column))]
    }
}

extension Diagnostic {
    /// `{severity, code, message, cause, hint, resource, source}`.
    public var json: JSONValue {
        [
            "severity": .string(severity.rawValue), "code": .string(code), "message": .string(message),
            "cause": .optional(cause), "hint": .optional(hint), "resource": .optional(resource?.description),
            "source": position?.json ?? .null,
        ]
    }
}
