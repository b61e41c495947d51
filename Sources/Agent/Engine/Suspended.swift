import Drivers
import Model
import Planning

/// What suspensions mean for one plan.
struct Suspended {
    /// The resources whose objects are left alone.
    let resources: Set<ResourceID>
    /// What the plan says of it.
    let notes: [Diagnostic]

    init(_ settings: EngineSettings, _ input: PassInput, _ desired: DesiredState, _ observation: Observation) {
        let suspensions = input.removesAll ? Suspensions() : Suspensions.read(settings)
        guard !suspensions.isEmpty else {
            resources = []
            notes = []
            return
        }
        var known = Set(desired.objects.lazy.compactMap(\.owner)).union(desired.resources)
        for object in observation.objects.values { if let owner = object.owner { known.insert(owner) } }
        resources = known.filter(suspensions.isSuspended)
        notes = suspensions.notes(on: resources)
    }
}
