import Model

/// Compares desired and observed objects and makes a plan. Pure: the same input gives the same plan.
public struct Planner: Sendable {
    /// What a pass may do and what it knows beyond the two sides.
    public struct Options: Sendable {
        /// Whether what is ours and no longer desired is removed.
        public var prunes: Bool
        /// Resources whose objects are left alone, whatever they look like: their file is bad, or they are suspended.
        public var held: Set<ResourceID>
        /// The fields of each object when it was last applied, to tell drift from a new manifest. Only words depend
        /// on it.
        public var lastApplied: [ObjectID: [Field]]

        /// Options of a pass.
        public init(prunes: Bool = true, held: Set<ResourceID> = [], lastApplied: [ObjectID: [Field]] = [:]) {
            self.prunes = prunes
            self.held = held
            self.lastApplied = lastApplied
        }
    }

    let desired: [KernelObject]
    let observation: Observation
    let options: Options
    private var changes: [ObjectID: Change] = [:]
    private var diagnostics: [Diagnostic] = []
    private var blocked: Set<ResourceID> = []
    /// What resources that are left alone share with others that need it.
    private var shared: Set<ObjectID> = []

    /// Plans. `desired` ids are unique, and what an object hangs on comes before it.
    public static func plan(
        desired: [KernelObject], observation: Observation, options: Options = Options()
    ) -> Plan {
        var planner = Planner(desired: desired, observation: observation, options: options)
        return planner.run()
    }

    private init(desired: [KernelObject], observation: Observation, options: Options) {
        self.desired = desired
        self.observation = observation
        self.options = options
    }

    private mutating func run() -> Plan {
        for object in desired {
            if let whose = observation.foreign[object.id] { refuse(object, whose) }
        }
        if !options.held.isEmpty || !blocked.isEmpty { block() }
        for object in desired { compare(object) }
        if options.prunes { prune() }
        let ordered = order(changes: changes, observation: observation)
        let drift = ordered.filter { $0.cause.kind == .drift }
        var plan = Plan(drift: drift, changes: ordered, diagnostics: diagnostics)
        if !ordered.isEmpty { plan.sources = sources() }
        return plan
    }

    /// Where the manifests have each resource: its first place.
    private func sources() -> [ResourceID: SourcePosition] {
        var sources: [ResourceID: SourcePosition] = [:]
        for object in desired {
            if let owner = object.owner, let source = object.source {
                sources[owner] = min(sources[owner] ?? source, source)
            }
        }
        return sources
    }

    private func isLeftAlone(_ object: KernelObject) -> Bool {
        guard let owner = object.owner, !shared.contains(object.id) else { return false }
        return options.held.contains(owner) || blocked.contains(owner)
    }

    /// A name we want is taken by something that is not ours: the resource is left as it is.
    private mutating func refuse(_ object: KernelObject, _ whose: String) {
        if let owner = object.owner { blocked.insert(owner) }
        diagnostics.append(
            Diagnostic(
                code: "name-taken", "\(object.id) exists and is not ours: \(whose)",
                hint: "remove or rename it, or choose another name in the manifest; reconcile never touches what it "
                    + "does not own", resource: object.owner, position: object.source))
    }

    /// What needs an object that is not there and will not be made is left alone too. An image is nobody's alone: it is
    /// made if anybody may have it.
    private mutating func block() {
        var isSettled = false
        while !isSettled {
            isSettled = true
            shared = []
            for object in desired where !isLeftAlone(object) {
                shared.formUnion((object.hangsOn + object.after).filter { !$0.kind.isPruned })
            }
            let missing = Set(
                desired.filter { isLeftAlone($0) && !isOurs($0.id) && $0.id.kind.isPruned }.map(\.id))
            let kept = keysLeftAlone()
            for object in desired where !isLeftAlone(object) {
                guard let owner = object.owner, let reason = obstacle(to: object, missing, kept) else { continue }
                blocked.insert(owner)
                isSettled = false
                diagnostics.append(
                    Diagnostic(code: "not-possible", reason, resource: owner, position: object.source))
            }
        }
    }

    /// Why an object cannot be made as long as others are left alone.
    private func obstacle(to object: KernelObject, _ missing: Set<ObjectID>, _ kept: [String: ObjectID]) -> String? {
        if let needed = (object.hangsOn + object.after).first(where: { missing.contains($0) }) {
            return "\(object.id) needs \(needed), which cannot be made now"
        }
        for key in object.keys {
            if let holder = kept[key], holder != object.id {
                return "\(object.id) cannot be had: \(holder) has it and is left as it is"
            }
        }
        return nil
    }

    /// The unique keys that resources which are left alone go on holding.
    private func keysLeftAlone() -> [String: ObjectID] {
        var kept: [String: ObjectID] = [:]
        for (id, object) in observation.objects
        where !object.keys.isEmpty && isLeftAlone(object) && isOurs(id) && !observation.unmarked.contains(id) {
            for key in object.keys { kept[key] = id }
        }
        return kept
    }

    private func isOurs(_ id: ObjectID) -> Bool { observation.objects[id] != nil && observation.foreign[id] == nil }

    private mutating func compare(_ object: KernelObject) {
        if isLeftAlone(object) { return }
        let parentGone = object.hangsOn.first {
            changes[$0].map { $0.action == .create || $0.action == .replace } ?? false
        }
        guard let observed = observation.objects[object.id] else {
            changes[object.id] = Change(.create, before: nil, after: object, cause: causeOfAbsence(object, parentGone))
            return
        }
        if let parentGone {
            let cause = Change.Cause(.dependency, "\(parentGone.title) is made anew")
            let action: Change.Action = object.id.kind.diesWithParent ? .create : .replace
            changes[object.id] = Change(
                action, before: action == .create ? nil : observed, after: object, cause: cause)
            return
        }
        let fields = differences(desired: object, observed: observed)
        guard !fields.isEmpty else { return }
        let replacing = fields.filter { object.id.kind.isReplaced(by: $0.name) }
        changes[object.id] = Change(
            replacing.isEmpty ? .update : .replace, before: observed, after: object, fields: fields,
            cause: causeOfDifference(object, replacing.isEmpty ? fields : replacing))
    }

    private func causeOfAbsence(_ object: KernelObject, _ parent: ObjectID?) -> Change.Cause {
        if let parent, changes[parent]?.before != nil {
            return Change.Cause(.dependency, "\(parent.title) is made anew")
        }
        if let last = options.lastApplied[object.id], last == object.fields {
            return Change.Cause(.drift, "deleted outside of reconcile")
        }
        return Change.Cause(.manifest, object.source.map { "asked for at \($0.file):\($0.line)" } ?? "needed")
    }

    private func causeOfDifference(_ object: KernelObject, _ fields: [Change.FieldChange]) -> Change.Cause {
        let last = options.lastApplied[object.id].map { KernelObject(object.id, fields: $0) }
        let names = words(fields)
        let isDrift = fields.allSatisfy { field in
            guard let last else { return object.id.kind.drifting.contains(field.name) }
            // What still is as it was applied did not drift: it is the wish that changed.
            return last[field.name] == field.after
                || object.id.kind.drifting.contains(field.name) && last[field.name] != field.before
        }
        if isDrift {
            return Change.Cause(.drift, "\(names) changed outside of reconcile")
        }
        let source = fields.lazy.compactMap { object.fieldSources[$0.name] }.first ?? object.source
        return Change.Cause(.manifest, "\(names) changed" + (source.map { " at \($0.file):\($0.line)" } ?? ""))
    }

    /// The fields that changed. What only doing can tell follows from another field, which is then named alone.
    private func words(_ fields: [Change.FieldChange]) -> String {
        let told = fields.filter { if case .unknown = $0.after { false } else { true } }
        return (told.isEmpty ? fields : told).map(\.name.description).joined(separator: ", ")
    }

    private mutating func prune() {
        let wanted = Set(desired.map(\.id))
        let named = Set(desired.lazy.compactMap(\.owner))
        for (id, object) in observation.objects
        where !wanted.contains(id) && observation.foreign[id] == nil && id.kind.isPruned
            && !observation.unmarked.contains(id)
        {
            if let owner = object.owner, options.held.contains(owner) || blocked.contains(owner) { continue }
            let isNamed = object.owner.map { named.contains($0) || $0.kind == .host } ?? false
            let cause = isNamed ? "not needed any more" : "no manifest names it any more"
            changes[id] = Change(.delete, before: object, after: nil, cause: Change.Cause(.manifest, cause))
        }
        // What the kernel removes with its parent needs no operation of its own.
        let deleted = changes.filter { $0.value.action == .delete && isRemovedByKernel($0.value) }
        for id in deleted.keys { changes[id] = nil }
    }

    private func isRemovedByKernel(_ change: Change) -> Bool {
        change.id.kind.diesWithParent
            && change.object.hangsOn.contains { parent in
                guard let above = changes[parent] else { return false }
                return above.action == .delete || above.action == .replace
            }
    }
}
