import Containers
import Drivers
import Model
import Planning

/// What the agent knows of its host between two looks, by scope: what should be there, and what was last seen.
///
/// It is a cache of the kernel, no more: events say which scope to read again, and a full look replaces it all.
struct Knowledge {
    /// What should exist.
    private(set) var desired: [Scope: ScopeObjects] = [:]
    /// What was seen.
    private(set) var observed: [Scope: Observation] = [:]
    /// Containers as last seen.
    private(set) var containers: [String: ObservedContainer] = [:]
    /// The forwarder as last seen.
    var forwarder: ForwarderObservation?
    /// The servers of names as last seen.
    var names: NameServerObservation?
    /// The same as it was when what should exist was derived.
    let derivedFrom: NameServerObservation?
    /// What drivers were told of the host.
    private(set) var facts: HostFacts
    /// Which scope a link of the host is in, by its name.
    let linkScopes: [String: Scope]
    /// The manifests' containers, by name.
    let specifications: [String: Container]
    /// How jobs ended that are not to run again, as it is remembered.
    private(set) var exits: [String: ExitRecord] = [:]
    /// The container whose sandbox a container runs in, where that is another one's: they share a scope.
    let hosts: [String: String]
    /// How services' ports lead to their replicas.
    private(set) var balances: [ServiceBalance]
    /// What there is here for endpoints on other nodes.
    let remotes: RemoteShare?
    /// Whether a container waits for an address: whatever others do may be what it waits for.
    let awaitsAddress: Bool
    /// The services, with the names of their replicas.
    let groups: [(service: Service, replicas: [String])]
    /// The replicas from which traffic is kept.
    private(set) var unready: Set<String> = []
    /// Replicas of an older template whose turn has not come: what differs of them is no drift.
    var outdated: Set<String> = []
    /// What of them differs for that reason, with the replica that it is of.
    var pending: [ObjectID: String] = [:]
    /// The objects that are desired otherwise than when all was derived, until that is done.
    private(set) var shifted: [ObjectID: Shift] = [:]
    /// The number of the last one.
    private(set) var lastShift = 0
    /// Whether what is ours and not desired goes.
    let prunes: Bool
    /// Resources that are left alone: something about them is wrong, or they are suspended.
    let held: Set<ResourceID>
    /// Resources that are suspended.
    let suspended: Set<ResourceID>
    /// Resources of which drift is only reported.
    let detectOnly: DetectOnly
    /// Why objects cannot be made anew, as far as that was seen.
    let obstacles: [ObjectID: [Diagnostic]]
    /// The packets that must pass the host.
    let flows: [ForwardedFlow]
    /// How many resources there are.
    let resourceCount: Int
    /// The state of the manifests.
    let revision: String

    /// That an object is desired otherwise than before.
    struct Shift: Hashable, Sendable {
        let scope: Scope
        let why: String
        /// Later ones have higher numbers.
        let number: Int
    }

    /// Codes of what is over when other nodes give up what they have, or etcd has answered.
    static let ofOthers: Set<String> = ["unclaimed-address", "name-elsewhere"]

    /// Nothing is known.
    init() {
        facts = HostFacts()
        derivedFrom = nil
        linkScopes = [:]
        specifications = [:]
        hosts = [:]
        balances = []
        remotes = nil
        awaitsAddress = false
        groups = []
        prunes = false
        held = []
        obstacles = [:]
        suspended = []
        detectOnly = .none
        flows = []
        resourceCount = 0
        revision = ""
    }

    /// What a full look showed.
    init(_ look: Look, _ input: PassInput, exits: [String: ExitRecord] = [:]) {
        self.exits = exits
        desired = Dictionary(grouping: look.desired.objects) { Scope(of: $0) }.mapValues { ScopeObjects($0) }
        observed = look.observation.byScope()
        containers = look.containers
        forwarder = look.forwarder
        names = look.names
        derivedFrom = look.names
        facts = look.facts
        var scopes: [String: Scope] = [:]
        for object in look.desired.objects where object.id.kind == .link && object.id.sandbox.isEmpty {
            scopes[object.id.name] = Scope(of: object)
        }
        linkScopes = scopes
        specifications = Dictionary(
            look.desired.containers.map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first })
        balances = look.desired.balances
        remotes = look.desired.remotes
        let waits = Self.ofOthers.union(["addresses-exhausted", "address-in-use"])
        awaitsAddress = look.desired.diagnostics.contains { waits.contains($0.code) }
        groups = look.desired.replicaGroups
        unready = look.facts.unready
        hosts = specifications.compactMapValues(\.sandboxOf)
        prunes = input.prunes
        held = look.plan.diagnostics.resourcesInError
        obstacles = look.desired.obstacles
        suspended = look.suspended
        detectOnly = input.detectOnly
        flows = look.desired.flows
        resourceCount = look.plan.resourceCount
        revision = look.plan.revision
    }

    mutating func setUnready(_ replicas: Set<String>) { unready = replicas }

    /// Some scopes are as they should be: what differs there from now on is drift.
    ///
    /// - Parameter last: What was shifted later is still to be done.
    mutating func forgetShift(in scopes: Set<Scope>, upTo last: Int = .max) {
        shifted = shifted.filter { !scopes.contains($0.value.scope) || $0.value.number > last }
    }

    /// What a pass left to be done was not applied yet: that it differs is no drift.
    mutating func owe(_ rest: Plan) {
        for change in rest.changes where change.cause.kind != .drift {
            lastShift += 1
            shifted[change.id] = Shift(scope: Scope(of: change.object), why: change.cause.message, number: lastShift)
        }
    }

    /// Some objects are as they should be.
    mutating func forgetShift(of ids: some Sequence<ObjectID>) { for id in ids { shifted[id] = nil } }

    /// Desires objects of a scope otherwise than before, or no more.
    mutating func shift(_ changes: [ObjectID: KernelObject?], in scope: Scope, why: String) {
        // Taken out, so that changing it makes no copy.
        var objects = desired.removeValue(forKey: scope) ?? ScopeObjects()
        lastShift += 1
        for (id, object) in changes.sorted(by: { $0.key < $1.key }) where objects.set(id, object) {
            shifted[id] = Shift(scope: scope, why: why, number: lastShift)
        }
        desired[scope] = objects.all.isEmpty ? nil : objects
    }

    /// Takes over how services' ports lead to their replicas, and what the fleet says now.
    mutating func follow(_ fleet: FleetFacts, _ balances: [ServiceBalance]) {
        facts.fleet = fleet
        self.balances = balances
    }

    /// Takes over what was read of single objects of some scopes.
    mutating func refresh(entries: [ObjectID: Scope], _ found: Observation) {
        for (id, scope) in entries {
            observed[scope, default: Observation()].remove(id)
            guard let object = found.objects[id] else { continue }
            observed[scope]?.insert(object, found.unmarked.contains(id) ? .unmarked : .ours)
        }
    }

    /// The manifests' containers in some scopes.
    func specifications(in scopes: Set<Scope>) -> [Container] {
        containerNames(in: scopes).sorted().compactMap { specifications[$0] }
    }

    /// The containers in some scopes: those whose sandboxes they are, and those that run in them, too.
    func containerNames(in scopes: Set<Scope>) -> Set<String> {
        let owners = Set(scopes.compactMap { if case .container(let name) = $0 { name } else { nil } })
        return hosts.isEmpty ? owners : owners.union(hosts.filter { owners.contains($0.value) }.keys)
    }

    /// Takes over what was read of some scopes.
    mutating func refresh(_ parts: [Scope: Observation], containers found: [String: ObservedContainer]) {
        for (scope, part) in parts {
            observed[scope] = part.objects.isEmpty ? nil : part
            for name in containerNames(in: [scope]) { containers[name] = found[name] }
            update(scope, found)
        }
    }

    /// Whether a process should run depends on how its last one ended.
    private mutating func update(_ scope: Scope, _ found: [String: ObservedContainer]) {
        for name in containerNames(in: [scope]) { update(name, in: scope, found) }
    }

    private mutating func update(_ name: String, in scope: Scope, _ found: [String: ObservedContainer]) {
        guard let container = specifications[name],
            let index = desired[scope]?.all.firstIndex(where: { $0.id == .process(name) }),
            var object = desired[scope]?[index]
        else { return }
        let facts = found[name].map { ProcessFacts(state: $0.state.rawValue, exitCode: $0.exitCode.map(Int.init)) }
        if facts == nil, RestartRule.rests(container, object, exits[name], resolver: self.facts.resolver) {
            desired[scope]?.remove(at: index)
            return
        }
        let state = RestartRule.desiredState(container, facts)
        if let facts {
            let code = state == "exited" ? facts.exitCode : nil
            exits[name] = code.map { ExitRecord(code: $0, specification: FieldCoding.hash(object.fields)) }
        }
        guard object.string(.state) != state else { return }
        object.fields = object.fields.map { $0.name == .state ? Field(.state, .string(state)) : $0 }
        desired[scope]?[index] = object
    }

    /// What should be in some scopes, parents first.
    func desired(in scopes: Set<Scope>) -> [KernelObject] {
        // The array itself where it is one scope's: some have tens of thousands of objects.
        if scopes.count == 1, let only = scopes.first { return desired[only]?.all ?? [] }
        return scopes.flatMap { desired[$0]?.all ?? [] }
    }

    /// What was seen in some scopes.
    func observed(in scopes: Set<Scope>) -> Observation {
        var whole = Observation()
        for scope in scopes { if let part = observed[scope] { whole.merge(part) } }
        return whole
    }

    /// All of it as one look would have shown it; `nil` where nobody looked yet.
    var sighting: Sighting? {
        guard let forwarder, let names else { return nil }
        var whole = Observation()
        for part in observed.values { whole.merge(part) }
        return Sighting(observation: whole, facts: facts, containers: containers, forwarder: forwarder, names: names)
    }

    /// The containers in some scopes as last seen.
    func containers(in scopes: Set<Scope>) -> [String: ObservedContainer] {
        var some: [String: ObservedContainer] = [:]
        for name in containerNames(in: scopes) { some[name] = containers[name] }
        return some
    }

    /// An object as last seen.
    func observed(_ id: ObjectID, in scope: Scope) -> KernelObject? { observed[scope]?.objects[id] }
}
