import Model

/// Why a change is made, in words.
extension Planner {
    func causeOfAbsence(_ object: KernelObject, _ parent: ObjectID?) -> Change.Cause {
        if let parent, changes[parent]?.before != nil {
            return Change.Cause(.dependency, "\(parent.title) is made anew")
        }
        if let last = options.lastApplied[object.id], last == object.fields {
            return Change.Cause(.drift, "deleted outside of reconcile")
        }
        return Change.Cause(.manifest, object.source.map { "asked for at \($0.file):\($0.line)" } ?? "needed")
    }

    func causeOfDifference(_ object: KernelObject, _ fields: [Change.FieldChange]) -> Change.Cause {
        let last = options.lastApplied[object.id].map { KernelObject(object.id, fields: $0) }
        let names = words(fields)
        let isDrift = fields.allSatisfy { field in
            guard let last else { return object.id.kind.drifting.contains(field.name) }
            // What still is as it was applied did not drift: it is the wish that changed.
            return last[field.name] == field.after
                || object.id.kind.drifting.contains(field.name) && last[field.name] != field.before
        }
        if isDrift {
            if let reason = options.reasons[object.id] { return Change.Cause(.drift, reason, isTelling: true) }
            return Change.Cause(.drift, "\(names) changed outside of reconcile")
        }
        let followed = fields.compactMap { object.follows[$0.name] }
        if let first = followed.first, followed.count == fields.count {
            return Change.Cause(.dependency, "\(names) \(fields.count > 1 ? "follow" : "follows") \(first)")
        }
        if let source = fields.lazy.compactMap({ object.fieldSources[$0.name] }).first ?? object.source {
            return Change.Cause(.manifest, "\(names) changed at \(source.file):\(source.line)")
        }
        return Change.Cause(.manifest, last == nil ? "needed" : "\(names) changed")
    }

    /// The fields that changed. What only doing can tell follows from another field, which is then named alone.
    private func words(_ fields: [Change.FieldChange]) -> String {
        let told = fields.filter { if case .unknown = $0.after { false } else { true } }
        return (told.isEmpty ? fields : told).map(\.name.description).joined(separator: ", ")
    }
}
