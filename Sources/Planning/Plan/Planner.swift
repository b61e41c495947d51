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
    /// How many desired objects are there already.
    private var found = 0
    var changes: [ObjectID: Change] = [:]
    var diagnostics: [Diagnostic] = []
    var blocked: Set<ResourceID> = []
    /// What resources that are left alone share with others that need it.
    var shared: Set<ObjectID> = []

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
        if !observation.foreign.isEmpty {
            for object in desired {
                if let whose = observation.foreign[object.id] { refuse(object, whose) }
            }
        }
        if observation.objects.isEmpty { changes.reserveCapacity(desired.count) }
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

    /// A name we want is taken by something that is not ours: the resource is left as it is.
    private mutating func refuse(_ object: KernelObject, _ whose: String) {
        if let owner = object.owner { blocked.insert(owner) }
        diagnostics.append(
            Diagnostic(
                code: "name-taken", "\(object.id) exists and is not ours: \(whose)",
                hint: "remove or rename it, or choose another name in the manifest; reconcile never touches what it "
                    + "does not own", resource: object.owner, position: object.source))
    }

    private mutating func compare(_ object: KernelObject) {
        let observed = observation.objects[object.id]
        if observed != nil { found += 1 }
        if isLeftAlone(object) { return }
        let parentGone = changes.isEmpty ? nil : object.hangsOn.first { isMadeAnew($0) }
        guard let observed else {
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

    private func isMadeAnew(_ id: ObjectID) -> Bool {
        guard let action = changes[id]?.action else { return false }
        return action == .create || action == .replace
    }

    private mutating func prune() {
        // As many found as there are: then nothing is left to go.
        if found == observation.objects.count { return }
        let wanted = Set(desired.lazy.map(\.id))
        let named = Set(desired.lazy.compactMap(\.owner))
        for (id, object) in observation.objects
        where !wanted.contains(id) && observation.foreign[id] == nil && id.kind.isPruned
            && !observation.unmarked.contains(id)
        {
            if let owner = object.owner, options.held.contains(owner) || blocked.contains(owner) { continue }
            let isNamed = object.owner.map { named.contains($0) || $0.kind == .host } ?? false
            let isStranger = isNamed && !options.lastApplied.isEmpty && options.lastApplied[id] == nil
            let cause =
                isStranger
                ? Change.Cause(.drift, "added outside of reconcile")
                : Change.Cause(.manifest, isNamed ? "not needed any more" : "no manifest names it any more")
            changes[id] = Change(.delete, before: object, after: nil, cause: cause)
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
