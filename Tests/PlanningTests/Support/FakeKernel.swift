import Model
import Planning

/// A kernel in memory: carries out a plan on an observation as the real one would, and notes what it would refuse.
///
/// It is what proves, without root, that a plan does all that is needed in one round.
struct FakeKernel {
    /// Which of the operations that are ready goes first. Dependencies must suffice whatever the order is.
    enum Order: CaseIterable {
        case first
        case last
    }

    private(set) var observation: Observation
    /// What a real kernel would have refused.
    private(set) var refusals: [String] = []
    private var updates: [ObjectID: Change] = [:]

    init(_ observation: Observation = Observation()) { self.observation = observation }

    mutating func apply(_ plan: Plan, order: Order = .first) {
        updates = Dictionary(
            uniqueKeysWithValues: plan.changes.filter { $0.action == .update }.map { ($0.id, $0) })
        var open = Set(plan.changes.indices)
        while !open.isEmpty {
            let ready = open.filter { open.isDisjoint(with: plan.changes[$0].dependsOn) }
            guard let next = order == .first ? ready.min() : ready.max() else {
                refusals.append("operations wait for each other: \(open.sorted().map { plan.changes[$0].id })")
                return
            }
            open.remove(next)
            carryOut(plan.changes[next])
        }
    }

    private mutating func carryOut(_ change: Change) {
        if let whose = observation.foreign[change.id] { refusals.append("touches \(change.id), which is \(whose)") }
        switch change.action {
        case .create: create(change.object)
        case .update: update(change)
        case .delete: remove(change.id)
        case .replace:
            remove(change.id)
            create(change.object)
        }
    }

    /// Removes an object and all that cannot exist without it.
    mutating func remove(_ id: ObjectID) {
        observation.objects[id] = nil
        observation.unmarked.remove(id)
        let children = observation.objects.values.filter { $0.hangsOn.contains(id) && $0.id.kind.diesWithParent }
        for child in children { remove(child.id) }
    }

    private mutating func create(_ object: KernelObject) {
        // A route is put in place of one to the same destination.
        if observation.objects[object.id] != nil, object.id.kind != .route {
            refusals.append("\(object.id) exists already")
        }
        for parent in object.hangsOn where observation.objects[parent] == nil {
            refusals.append("\(object.id) hangs on \(parent), which does not exist")
        }
        // What bears no mark is not ours to remove, whatever it holds.
        for other in observation.objects.values
        where !Set(other.keys).isDisjoint(with: object.keys) && !observation.unmarked.contains(other.id) {
            refusals.append("\(object.id) takes \(object.keys), which \(other.id) holds")
        }
        insert(object)
        checkNeeds(object)
    }

    private mutating func update(_ change: Change) {
        guard var object = observation.objects[change.id], let after = change.after else {
            return refusals.append("\(change.id) is to be changed and does not exist")
        }
        for field in change.fields {
            object.fields.removeAll { $0.name == field.name }
            if let value = field.after { object.fields.append(Field(field.name, value)) }
        }
        // What the kernel did not keep is set along with what brings it back.
        object.fields = object.fields.map { field in
            if case .unknown = field.value { Field(field.name, after[field.name] ?? field.value) } else { field }
        }
        let holders = holders(of: Set(after.keys).subtracting(object.keys))
        if !holders.isEmpty, !isSwap(change.id, holders) {
            refusals.append("\(change.id) takes \(after.keys), of which \(holders) hold some")
        }
        object.owner = after.owner
        object.hangsOn = after.hangsOn
        object.keys = after.keys
        insert(object)
        checkNeeds(object)
    }

    private func holders(of keys: Set<String>) -> [ObjectID] {
        observation.objects.values.filter { !keys.isDisjoint(with: $0.keys) }.map(\.id)
    }

    /// True where those who hold what `taker` takes wait, around some corners, for what it holds itself.
    private func isSwap(_ taker: ObjectID, _ holders: [ObjectID]) -> Bool {
        var open = holders
        var seen: Set<ObjectID> = []
        while let next = open.popLast() {
            if next == taker { return true }
            guard seen.insert(next).inserted, let after = updates[next]?.after else { continue }
            open += self.holders(of: Set(after.keys).subtracting(observation.objects[next]?.keys ?? []))
        }
        return false
    }

    /// What the kernel needs of others before it accepts an object.
    private mutating func checkNeeds(_ object: KernelObject) {
        if let master = object.string(.master), !master.isEmpty {
            let bridge = ObjectID.link(master)
            if observation.objects[bridge] == nil { refusals.append("\(object.id) has a master that does not exist") }
            if observation.foreign[bridge] != nil { refusals.append("\(object.id) is put into a foreign bridge") }
        }
        if let parent = object.string(.parent), object.hangsOn.contains(.link(parent)),
            let mtu = observation.objects[.link(parent)]?.int(.mtu), mtu < object.int(.mtu) ?? 0
        {
            refusals.append("\(object.id) has a larger MTU than its parent")
        }
        if object.id.kind == .route {
            let hasAddress = observation.objects.keys.contains {
                $0.kind == .address && $0.link == object.id.link && $0.sandbox == object.id.sandbox
            }
            if !hasAddress { refusals.append("\(object.id) has no address to leave from") }
        }
        if object.id.kind == .process, let image = object.string(.image) {
            if observation.objects[ObjectID(.image, image)] == nil { refusals.append("\(object.id) has no image") }
        }
    }

    /// Stores an object as an observer would find it.
    private mutating func insert(_ object: KernelObject) {
        var seen = object
        let image = object.string(.image) ?? object.id.name
        seen.fields = object.fields.map { field in
            if case .unknown = field.value { return Field(field.name, .string(Self.digest(image))) }
            return field
        }
        // The guards in the table outlive the bridges that they guard.
        seen.after = object.string(.type) == "bridge" ? [.firewallTable] : []
        seen.source = nil
        seen.fieldSources = [:]
        seen.follows = [:]
        observation.insert(seen)
        observation.unmarked.remove(seen.id)
    }

    /// What a registry answers.
    static func digest(_ image: String) -> String { "sha256:" + StableHash.hex(image, digits: 16) }
}
