import Model

extension Plan {
    /// The plan for programs, in the form of Terraform's (section 5 of the design). `withheld` is there only where
    /// something is left as it is; what of it drifted is in `drift` too, and says `"withheld": true`.
    public var json: JSONValue {
        let summary = summary
        var members: [JSONValue.Member] = [
            .init("formatVersion", "1.0"),
            .init("revision", .string(revision)),
            .init("drift", .array(drift.map { $0.json(in: self) })),
            .init("changes", .array(changes.map { $0.json(in: self) })),
        ]
        if !withheld.isEmpty { members.append(.init("withheld", .array(withheld.map { $0.json(in: self) }))) }
        members += [
            .init(
                "summary",
                [
                    "add": .int(Int64(summary.add)), "change": .int(Int64(summary.change)),
                    "replace": .int(Int64(summary.replace)), "delete": .int(Int64(summary.delete)),
                ]), .init("diagnostics", .array(diagnostics.map(\.json))),
        ]
        return .object(members)
    }
}

extension Change {
    /// One change for programs; `dependsOn` names objects of the plan.
    public func json(in plan: Plan) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("resource", .string(resource.description)),
            .init("object", .string(id.description)),
            .init("actions", .strings(actionNames)),
            .init("before", before?.json ?? .null),
            .init("after", after?.json ?? .null),
            .init(
                "fields",
                .array(
                    fields.map {
                        [
                            "name": .string($0.name.description), "before": $0.before?.json ?? .null,
                            "after": $0.after?.json ?? .null,
                        ]
                    })),
            .init("cause", ["kind": .string(cause.kind.rawValue), "message": .string(cause.message)]),
            .init("source", (after?.source ?? before?.source)?.json ?? .null),
            .init("dependsOn", .strings(dependsOn.map { plan.changes[$0].id.description })),
        ]
        if isWithheld { members.append(.init("withheld", true)) }
        return .object(members)
    }

    private var actionNames: [String] {
        action == .replace ? [Action.delete.rawValue, Action.create.rawValue] : [action.rawValue]
    }
}
