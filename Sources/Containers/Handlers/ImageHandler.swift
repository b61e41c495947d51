import Model
import Planning

/// Brings images here. Creating one means pulling and unpacking it; images are shared and never removed by a pass.
public struct ImageHandler: ObjectHandler {
    private let store: ImageStore
    private let sources: [String: ImageSource]

    /// A handler for the images that some containers run.
    public init(store: ImageStore, containers: [Container]) {
        self.store = store
        sources = Dictionary(containers.map { ($0.image.text, $0.image) }, uniquingKeysWith: { first, _ in first })
    }

    /// Images.
    public var kinds: [ObjectKind] { [.image] }

    /// Pulls, four at a time.
    public func apply(_ changes: [Change]) async -> [OperationResult] {
        await concurrently(changes, limit: 4) { change in
            guard let source = sources[change.id.name] else { return .done }
            do {
                _ = try await store.pull(source)
                return .done
            } catch {
                return .failed(diagnostic(error, code: "pull-failed", of: change))
            }
        }
    }
}

/// Runs `body` over changes, at most `limit` at a time; results in their order.
func concurrently(
    _ changes: [Change], limit: Int, _ body: @escaping @Sendable (Change) async -> OperationResult
) async -> [OperationResult] {
    await withTaskGroup(of: (Int, OperationResult).self) { group in
        var results = [OperationResult](repeating: .done, count: changes.count)
        var next = 0
        func add() {
            guard next < changes.count else { return }
            let (index, change) = (next, changes[next])
            next += 1
            group.addTask { (index, await body(change)) }
        }
        for _ in 0..<min(limit, changes.count) { add() }
        while let (index, result) = await group.next() {
            results[index] = result
            add()
        }
        return results
    }
}

/// An error of a change as a diagnostic that names its resource.
func diagnostic(_ error: any Error, code: String, of change: Change) -> Diagnostic {
    var diagnostic = error as? Diagnostic ?? Diagnostic(code: code, "\(error)")
    diagnostic.resource = diagnostic.resource ?? change.resource
    diagnostic.position = diagnostic.position ?? change.after?.source
    return diagnostic
}
