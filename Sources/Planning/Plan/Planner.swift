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
        /// Why objects cannot be made, or made anew. Where a plan would do so it leaves their resources as they are.
        public var obstacles: [ObjectID: [Diagnostic]]

        /// Options of a pass.
        public init(
            prunes: Bool = true, held: Set<ResourceID> = [], lastApplied: [ObjectID: [Field]] = [:],
            obstacles: [ObjectID: [Diagnostic]] = [:]
        ) {
            self.prunes = prunes
            self.held = held
            self.lastApplied = lastApplied
            self.obstacles = obstacles
        }
    }

    let desired: [KernelObject]
    let observation: Observation
    let options: Options
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
        for object in desired {
            if let whose = observation.foreign[object.id] { refuse(object, whose) }
        }
        if !options.obstacles.isEmpty { meetObstacles() }
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

    mutating func compare(_ object: KernelObject) {
        if isLeftAlone(object) { return }
        let parentGone = object.hangsOn.first {
            changes[$0].map { $0.action == .create || $0.action == .replace } ?? false
        }
        guard let observed = observation.objects[object.id] else {
            changes[object.id] = Change(
                .create, before: nil, after: made(object), cause: causeOfAbsence(object, parentGone))
            return
        }
        if let parentGone {
            let cause = Change.Cause(.dependency, "\(parentGone.title) is made anew")
            let action: Change.Action = object.id.kind.diesWithParent ? .create : .replace
            changes[object.id] = Change(
                action, before: action == .create ? nil : observed, after: made(object), cause: cause)
            return
        }
        let fields = differences(desired: object, observed: observed)
        guard !fields.isEmpty else { return }
        let replacing = fields.filter { object.id.kind.isReplaced(by: $0.name) }
        changes[object.id] = Change(
            replacing.isEmpty ? .update : .replace, before: observed,
            after: replacing.isEmpty ? object : made(object), fields: fields,
            cause: causeOfDifference(object, replacing.isEmpty ? fields : replacing))
    }

    /// An object as it is when it was just made.
    private func made(_ object: KernelObject) -> KernelObject {
        guard object.id.kind.beginsWith.contains(where: { object[$0.name] != $0.value }) else { return object }
        var object = object
        for first in object.id.kind.beginsWith {
            object.fields = object.fields.map { $0.name == first.name ? first : $0 }
        }
        return object
    }

    private mutating func prune() {
        // As many found as there are: then nothing is left to go.
        var found = 0
        for object in desired where observation.objects[object.id] != nil { found += 1 }
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
