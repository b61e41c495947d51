import Model
import Planning

/// The events that a pass gives rise to.
public enum PassEvents {
    /// Those of one settled operation: for drift one a field, else one in all.
    public static func events(
        of change: Change, _ result: OperationResult, revision: String, time: Int64, duration: Int64?
    ) -> [Event] {
        var event = Event(
            time: time, kind: kind(change), resource: change.resource, object: change.id.description,
            revision: revision)
        event.cause = change.cause.message
        event.source = change.after?.source ?? change.before?.source
        event.duration = duration
        switch result {
        case .done: break
        case .failed(let diagnostic):
            event.kind = .failed
            event.cause = diagnostic.message + (diagnostic.cause.map { ": \($0)" } ?? "")
            return [event]
        case .skipped, .undone: return []
        }
        guard change.cause.kind == .drift else {
            event.desired = change.after?.json ?? .null
            event.observed = change.before?.json ?? .null
            return [event]
        }
        event.kind = .drift
        event.action = .repaired
        guard !change.fields.isEmpty else {
            event.desired = change.after?.json ?? .null
            return [event]
        }
        return change.fields.map { field in
            var one = event
            one.field = field.name.description
            one.desired = field.after?.json ?? .null
            one.observed = field.before?.json ?? .null
            return one
        }
    }

    private static func kind(_ change: Change) -> Event.Kind {
        switch change.action {
        case .create: .created
        case .update: .updated
        case .replace: .replaced
        case .delete: .deleted
        }
    }
}
