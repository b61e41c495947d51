import Model
import Planning
import Synchronization

/// Starts and ends the forwarder of ::1, and gives it its ports: all of a pass at once.
public struct ForwarderHandler: ObjectHandler {
    private let layout: StateLayout

    /// One change at a time: each rests on what the forwarder serves then.
    private static let turn = Mutex(())

    /// A handler for the forwarder of one set.
    public init(layout: StateLayout) { self.layout = layout }

    /// The process, and its ports.
    public var kinds: [ObjectKind] { [.forwarder, .forward] }

    /// All ports are one table.
    public var isTransactional: Bool { true }

    /// Changes the process first, then its ports.
    public func apply(_ changes: [Change]) async -> [OperationResult] {
        let layout = layout
        let results = try? await OwnThread.run {
            Self.turn.withLock { _ in
                do throws(Diagnostic) {
                    let group = ForwarderGroup(layout: layout, cgroups: try Cgroups.read())
                    return try Self.apply(changes, ForwarderControl(group: group))
                } catch {
                    return changes.map { .failed(diagnostic(error, code: error.code, of: $0)) }
                }
            }
        }
        let failure = Diagnostic(code: "forwarder-failed", "no thread can be made")
        return results ?? changes.map { .failed(diagnostic(failure, code: failure.code, of: $0)) }
    }

    private static func apply(
        _ changes: [Change], _ control: ForwarderControl
    ) throws(Diagnostic) -> [OperationResult] {
        for change in changes where change.id.kind == .forwarder {
            switch change.action {
            case .create: try control.start()
            case .replace:
                try control.end()
                try control.start()
            case .delete:
                try control.end()
                return changes.map { _ in .done }
            // A table that is loaded anew mends all that can differ.
            case .update: break
            }
        }
        var forwards = control.table.forwards
        for change in changes where change.id.kind == .forward {
            guard let key = Forward.key(change.id.name) else { continue }
            forwards[key] = change.after.flatMap { Forward($0) }
        }
        guard forwards != control.table.forwards || changes.contains(where: { $0.action == .update }) else {
            return changes.map { _ in .done }
        }
        let outcomes = try control.load(forwards.values).outcomes
        return changes.map { change in
            guard change.after != nil, let key = Forward.key(change.id.name), case .failed(let error) = outcomes[key]
            else { return .done }
            let failure = Diagnostic(
                code: "listen-failed", "cannot listen on \(change.id.name)", cause: error,
                hint: "ss -lntup shows who holds the port")
            return .failed(diagnostic(failure, code: failure.code, of: change))
        }
    }
}
