import Model
import Planning

extension Engine {
    /// Why traffic is led elsewhere, and a service's name to other addresses.
    static let otherReplicas = "other replicas are ready"

    /// Why a change is made, where it is the readiness of replicas: a service's name comes and goes with that, and nobody
    /// changed it.
    static func readiness(_ change: Change) -> String? {
        guard change.id.kind == .name, change.action == .update, let service = change.resource.service?.name,
            change.fields.allSatisfy({ $0.name == .aliases })
        else { return nil }
        let before = Set(change.before?.list(.aliases) ?? [])
        let isOfService = before.symmetricDifference(change.after?.list(.aliases) ?? []) == [service]
        return isOfService ? otherReplicas : nil
    }
}
