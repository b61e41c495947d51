import Model
import Planning

/// What a repair is planned by beside what should be and what was seen, as it is known at one moment.
struct RepairTerms: Sendable {
    let prunes: Bool
    let held: Set<ResourceID>
    let suspended: Set<ResourceID>
    let detectOnly: DetectOnly
    let obstacles: [ObjectID: [Diagnostic]]
    /// What of replicas that wait for an update was not applied yet.
    let pending: [ObjectID: String]
    let shifted: [ObjectID: Knowledge.Shift]
    let resourceCount: Int
    let revision: String

    init(_ knowledge: Knowledge) {
        prunes = knowledge.prunes
        held = knowledge.held
        suspended = knowledge.suspended
        detectOnly = knowledge.detectOnly
        obstacles = knowledge.obstacles
        pending = knowledge.pending
        shifted = knowledge.shifted
        resourceCount = knowledge.resourceCount
        revision = knowledge.revision
    }
}
