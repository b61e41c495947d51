import Model
import Planning

/// Tells what fights us: an object of which one field had to be repaired again and again is repaired ever more slowly,
/// so that it neither costs much nor hides what else happens.
struct Contention {
    /// So many repairs of one field within ``window`` are still taken for chance.
    static let tolerated = 5
    /// How far back repairs count.
    static let window = Duration.seconds(10)
    /// The first delay; it doubles with each further repair.
    static let firstDelay = Duration.seconds(1)
    /// The longest delay.
    static let longestDelay = Duration.seconds(60)

    /// What is being fought over.
    struct Dispute {
        /// Whose it is.
        let resource: ResourceID
        /// The field that somebody keeps changing.
        let field: String
        fileprivate var delay: Duration
        fileprivate var until: ContinuousClock.Instant
    }

    private struct Key: Hashable {
        let object: ObjectID
        let field: String
    }

    private var repairs: [Key: [ContinuousClock.Instant]] = [:]
    /// The objects that somebody else keeps changing.
    private(set) var contended: [ObjectID: Dispute] = [:]

    /// Notes the repair of an object, field by field. Returns the field where the object is contended from now on.
    mutating func repaired(_ change: Change, at now: ContinuousClock.Instant) -> String? {
        var fields = change.fields.map(\.name.description)
        if fields.isEmpty { fields = [change.action == .delete ? "added" : "deleted"] }
        var tooOften: String?
        for field in fields {
            let key = Key(object: change.id, field: field)
            let recent = (repairs[key] ?? []).filter { $0 + Self.window > now } + [now]
            repairs[key] = recent
            if tooOften == nil, recent.count > Self.tolerated { tooOften = field }
        }
        if var dispute = contended[change.id] {
            dispute.delay = min(dispute.delay * 2, Self.longestDelay)
            dispute.until = now + dispute.delay
            contended[change.id] = dispute
            return nil
        }
        guard let field = tooOften else { return nil }
        contended[change.id] = Dispute(
            resource: change.resource, field: field, delay: Self.firstDelay, until: now + Self.firstDelay)
        return field
    }

    /// The objects whose repair has to wait.
    func waiting(at now: ContinuousClock.Instant) -> Set<ObjectID> {
        Set(contended.filter { $0.value.until > now }.keys)
    }

    /// When the next object may be repaired again, or is no longer contended.
    func nextDeadline(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        contended.values.map { $0.until > now ? $0.until : $0.until + Self.window }.min()
    }

    /// Forgets what has been quiet for long enough, and returns it.
    mutating func settle(at now: ContinuousClock.Instant) -> [ObjectID] {
        repairs = repairs.filter { ($0.value.last ?? now) + Self.window > now }
        let settled = contended.filter { $0.value.until + Self.window <= now }.map(\.key)
        for id in settled { contended[id] = nil }
        return settled.sorted()
    }
}
