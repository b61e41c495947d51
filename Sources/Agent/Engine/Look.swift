import Containers
import Drivers
import Model
import Planning

/// What was seen of the kernel at one moment, before it is compared with anything.
public struct Sighting: Sendable {
    /// Objects, and whose they are.
    var observation: Observation
    /// What drivers may know.
    let facts: HostFacts
    /// The containers as found, by name.
    let containers: [String: ObservedContainer]
    /// The forwarder of ::1.
    let forwarder: ForwarderObservation
    /// The servers of names.
    let names: NameServerObservation
}

extension ProcessFacts {
    /// Of a container that was found.
    init(_ container: ObservedContainer) {
        self.init(state: container.state.rawValue, exitCode: container.exitCode.map(Int.init))
    }
}

/// What one look at manifests and kernel showed: both sides, and the plan between them.
public struct Look: Sendable {
    /// The difference.
    public let plan: Plan
    /// What should be.
    public let desired: DesiredState
    /// What is.
    public let observation: Observation
    /// The containers as found.
    public let containers: [String: ObservedContainer]
    /// The facts that drivers were given.
    public let facts: HostFacts
    /// The forwarder of ::1; `nil` where nobody looked for it.
    var forwarder: ForwarderObservation? = nil
    /// The servers of names; `nil` where nobody looked for them.
    var names: NameServerObservation? = nil
    /// The resources that are suspended.
    public var suspended: Set<ResourceID> = []

    /// A look at nothing.
    static let nothing = Look(
        plan: Plan(), desired: DesiredState(resources: ResourceSet(), facts: HostFacts(), set: ""),
        observation: Observation(), containers: [:], facts: HostFacts(), suspended: [])

    /// The resources that own something in the kernel. A name alone is nothing of its container's: those of containers on
    /// other nodes are here, too.
    public var owned: Set<ResourceID> {
        var owned: Set<ResourceID> = []
        for (id, object) in observation.objects
        where observation.foreign[id] == nil && !observation.unmarked.contains(id) && id.kind.isPruned
            && id.kind != .name
        {
            if let owner = object.owner { owned.insert(owner) }
        }
        return owned
    }

    /// How a container's process ended, where it does not run: as seen; of one that is not to run again and is not to be
    /// seen any more, as remembered.
    func end(of container: String) -> ProcessEnd? {
        if let found = containers[container] { return found.end }
        guard let record = facts.exits[container], desired.resources.contains(.container(container)),
            desired.objects.allSatisfy({ $0.id != .process(container) })
        else { return nil }
        return ProcessEnd(exitCode: record.code)
    }

    /// The plan as a dry run shows it: with an error where it deletes too much.
    public func preview(allowsMassDelete: Bool) -> Plan {
        var plan = plan
        if !allowsMassDelete, plan.summary.delete > 0,
            let objection = DeletionGuard.check(plan, owned: owned, desired: desired.resources)
        {
            plan.diagnostics.append(objection)
        }
        return plan
    }
}
