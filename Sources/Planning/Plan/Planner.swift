import Model

/// Compares desired and observed objects and makes a plan. Pure: the same input gives the same plan.
public struct Planner: Sendable {
    /// What a pass may do and what it knows beyond the two sides.
    public struct Options: Sendable {
        /// Whether what is ours and no longer desired is removed.
        public var prunes: Bool
        /// Resources whose objects are left alone, whatever they look like, because something is wrong with them.
        public var held: Set<ResourceID>
        /// Resources whose objects are left alone because they are suspended: what differs is told.
        public var suspended: Set<ResourceID>
        /// Of which resources drift is reported and not repaired. What is drift, `lastApplied` tells: without it a
        /// difference is a new manifest, and applied.
        public var detectOnly: DetectOnly
        /// The fields of each object when it was last applied, to tell drift from a new manifest. Only words depend
        /// on it, unless drift is only reported.
        public var lastApplied: [ObjectID: [Field]]
        /// All that is desired was applied before, and nothing else: what is there beyond it was added by others.
        public var isRepair: Bool
        /// Why objects cannot be made, or made anew. Where a plan would do so it leaves their resources as they are.
        public var obstacles: [ObjectID: [Diagnostic]]
        /// What must be done before an object is removed: what leads to it leads elsewhere first.
        public var departing: [ObjectID: [ObjectID]]
        /// How objects came to differ by themselves, where that is known: of a process how it ended. Only words depend
        /// on it.
        public var reasons: [ObjectID: String]

        /// Options of a pass.
        public init(
            prunes: Bool = true, held: Set<ResourceID> = [], suspended: Set<ResourceID> = [],
            detectOnly: DetectOnly = .none, lastApplied: [ObjectID: [Field]] = [:], isRepair: Bool = false,
            obstacles: [ObjectID: [Diagnostic]] = [:], departing: [ObjectID: [ObjectID]] = [:],
            reasons: [ObjectID: String] = [:]
        ) {
            self.prunes = prunes
            self.held = held
            self.suspended = suspended
            self.detectOnly = detectOnly
            self.lastApplied = lastApplied
            self.isRepair = isRepair
            self.obstacles = obstacles
            self.departing = departing
            self.reasons = reasons
        }
    }

    let desired: [KernelObject]
    let observation: Observation
    let options: Options
    /// How many desired objects are there already, and are ours.
    var found = 0
    var changes: [ObjectID: Change] = [:]
    var diagnostics: [Diagnostic] = []
    var blocked: Set<ResourceID> = []
    /// Objects that cannot be made and that their resources can do without.
    var missed: Set<ObjectID> = []
    /// What resources that are left alone share with others that need it.
    var shared: Set<ObjectID> = []
    /// What is left alone beside what the options say; see ``Planner/findMore(_:)``.
    var left: LeftAlone
    var withheld: [ObjectID: Change] = [:]
    /// What observed objects that are left alone stand on, and whose those are.
    var footing: [ObjectID: ResourceID] = [:]

    /// Plans. `desired` ids are unique, and what an object hangs on comes before it.
    public static func plan(
        desired: [KernelObject], observation: Observation, options: Options = Options()
    ) -> Plan {
        var left = LeftAlone()
        while true {
            var planner = Planner(desired: desired, observation: observation, options: options, left: left)
            let plan = planner.run()
            // Only when all is compared is it known what is drift, and what takes away what others stand on.
            let more = planner.findMore(plan)
            if more == left { return plan }
            left = more
        }
    }

    private init(desired: [KernelObject], observation: Observation, options: Options, left: LeftAlone) {
        self.desired = desired
        self.observation = observation
        self.options = options
        self.left = left
    }

    private mutating func run() -> Plan {
        if !observation.foreign.isEmpty {
            for object in desired {
                if let whose = observation.foreign[object.id] { refuse(object, whose) }
            }
        }
        if observation.objects.isEmpty { changes.reserveCapacity(desired.count) }
        if !options.obstacles.isEmpty { meetObstacles() }
        if leavesSomethingAlone {
            block()
            findFooting()
        }
        for object in desired { compare(object) }
        if options.prunes { prune() }
        let ordered = order(changes: changes, observation: observation, departing: options.departing)
        var told = order(changes: withheld, observation: observation)
        for index in told.indices { told[index].dependsOn = [] }
        let drift = ordered.filter { $0.cause.kind == .drift } + told.filter { left.reported.contains($0.id) }
        var plan = Plan(drift: drift, changes: ordered, diagnostics: diagnostics + left.diagnostics)
        plan.withheld = told
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
        let observed = observation.objects[object.id]
        if observed != nil, observation.isOurs(object.id) { found += 1 }
        if isLeftAlone(object) {
            if isTold(object), let change = change(of: object, observed) { withhold(change) }
        } else if let change = change(of: object, observed) {
            changes[object.id] = change
        }
    }

    /// What makes an object as it should be; `nil` where it is so.
    private func change(of object: KernelObject, _ observed: KernelObject?) -> Change? {
        let parentGone = changes.isEmpty ? nil : object.hangsOn.first { isMadeAnew($0) }
        guard let observed else {
            return Change(.create, before: nil, after: made(object), cause: causeOfAbsence(object, parentGone))
        }
        if let parentGone {
            let cause = Change.Cause(.dependency, "\(parentGone.title) is made anew")
            let isGone = object.id.kind.diesWithParent && !standsElsewhere(object, observed)
            let action: Change.Action = isGone ? .create : .replace
            return Change(action, before: action == .create ? nil : observed, after: made(object), cause: cause)
        }
        let fields = differences(desired: object, observed: observed)
        guard !fields.isEmpty else { return nil }
        let replacing = fields.filter { object.id.kind.isReplaced(by: $0.name) }
        return Change(
            replacing.isEmpty ? .update : .replace, before: observed,
            after: replacing.isEmpty ? object : made(object), fields: fields,
            cause: causeOfDifference(object, replacing.isEmpty ? fields : replacing))
    }

    /// Whether an object stands on another parent than the one that is made anew, and that one stays.
    private func standsElsewhere(_ object: KernelObject, _ observed: KernelObject) -> Bool {
        guard let parent = object.string(.parent), let old = observed.string(.parent), old != parent else {
            return false
        }
        let id = ObjectID.link(old)
        let goes = options.prunes && observation.objects[id] != nil && observation.isOurs(id)
        return !goes || desired.contains { $0.id == id }
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

    private func isMadeAnew(_ id: ObjectID) -> Bool {
        guard let action = changes[id]?.action else { return false }
        return action == .create || action == .replace
    }

    private mutating func prune() {
        // As many found as there are of ours: then nothing is left to go.
        if found == observation.countOfOurs { return }
        let wanted = Set(desired.lazy.map(\.id))
        let named = Set(desired.lazy.compactMap(\.owner))
        let services = Set(named.lazy.map(\.described).filter { $0.kind == .service })
        for (id, object) in observation.objects
        where !wanted.contains(id) && observation.isOurs(id) && id.kind.isPruned {
            if let owner = object.owner, isLeftAlone(owner), !isTold(object) { continue }
            // A name on a network that is held may be one that nobody can ask for just now.
            if id.kind.isAuxiliary, object.hangsOn.contains(where: isHeld(observed:)) { continue }
            let isNamed = object.owner.map { named.contains($0) || $0.kind == .host } ?? false
            // A service that is to have fewer replicas is named all the same.
            let isOfNamed = object.owner?.service.map { services.contains($0) } ?? false
            let isStranger =
                options.isRepair || isNamed && !options.lastApplied.isEmpty && options.lastApplied[id] == nil
            let cause =
                isStranger
                ? Change.Cause(.drift, "added outside of reconcile")
                : Change.Cause(
                    .manifest, isNamed || isOfNamed ? "not needed any more" : "no manifest names it any more")
            let change = Change(.delete, before: object, after: nil, cause: cause)
            if isTold(object) { withhold(change) } else { changes[id] = change }
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
