import Model
import Planning

/// What somebody did to a host behind our back.
struct Perturbation {
    var generator: SeededGenerator

    mutating func disturb(_ observation: inout Observation) {
        for _ in 0..<Int.random(in: 0...5, using: &generator) {
            let ids = observation.objects.keys.sorted()
            guard let id = ids.randomElement(using: &generator) else { break }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1: change(id, &observation)
            case 2:
                var kernel = FakeKernel(observation)
                kernel.remove(id)
                observation = kernel.observation
            default: addOther(&observation)
            }
        }
    }

    private mutating func change(_ id: ObjectID, _ observation: inout Observation) {
        guard var object = observation.objects[id], !object.fields.isEmpty else { return }
        let index = Int.random(in: 0..<object.fields.count, using: &generator)
        let field = object.fields[index]
        let value: FieldValue =
            switch field.value {
            case .string: field.name == .state ? "exited" : "other"
            case .int(let number): .int(number + 1)
            case .bool(let flag): .bool(!flag)
            case .list(let items): .list(Array(items.dropLast()))
            case .secret: .secret("another")
            case .unknown: field.value
            }
        object.fields[index] = Field(field.name, value)
        if generator.isOne(in: 5) { object.fields.remove(at: index) }
        observation.objects[id] = object
        // What lost our mark is nobody's.
        if field.name == .protocol { observation.unmarked.insert(id) }
    }

    /// Things of ours that no manifest names, and things that are not ours.
    private mutating func addOther(_ observation: inout Observation) {
        let number = Int.random(in: 0..<3, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            let owner = ResourceID.container("gone\(number)")
            let sandbox = KernelObject(.sandbox(owner.name), owner: owner)
            observation.insert(sandbox)
            observation.insert(KernelObject(.process(owner.name), owner: owner, hangsOn: [sandbox.id]))
        case 1:
            guard observation.objects[.firewallTable] != nil else { return }
            let element = FirewallElement(set: "ports4", key: ["tcp", "\(7000 + number)"])
            observation.insert(
                KernelObject(
                    element.id, owner: .container("gone\(number)"), fields: [Field(.target, "10.0.0.3:80")],
                    hangsOn: [.firewallTable]))
        case 2:
            guard let bridge = observation.objects.keys.sorted().first(where: { $0.kind == .link && $0.sandbox == "" })
            else { return }
            let address = KernelObject(
                .address(IPPrefix(IPAddress(v4: 0x0a63_0001), length: 24), on: bridge.name), owner: .network("n0"),
                fields: [Field(.protocol, 0)], hangsOn: [bridge])
            observation.insert(address, .unmarked)
        case 3:
            let link = ObjectID.link("br-n\(number)")
            guard observation.objects[link] == nil else { return }
            observation.insert(KernelObject(link, fields: [Field(.type, "bridge")]), .foreign("not ours"))
        default:
            let link = ObjectID.link("br-gone\(number)")
            observation.insert(
                KernelObject(link, owner: .network("gone\(number)"), fields: [Field(.type, "bridge")]))
        }
    }
}
