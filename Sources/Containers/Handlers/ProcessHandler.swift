import Model
import Planning

/// Starts, changes and ends the processes of containers.
public struct ProcessHandler: ObjectHandler {
    private let runtime: ContainerRuntime
    private let store: ImageStore
    private let containers: [String: Container]
    private let sandboxPath: @Sendable (String) -> String

    /// A handler for some containers. `sandboxPath` gives the file of a container's network namespace.
    public init(
        runtime: ContainerRuntime, store: ImageStore, containers: [Container],
        sandboxPath: @escaping @Sendable (String) -> String
    ) {
        self.runtime = runtime
        self.store = store
        self.containers = Dictionary(containers.map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.sandboxPath = sandboxPath
    }

    /// Processes.
    public var kinds: [ObjectKind] { [.process] }

    /// Four at a time: a start waits as much as it computes.
    public func apply(_ changes: [Change]) async -> [OperationResult] {
        await concurrently(changes, limit: 4) { change in
            do {
                switch change.action {
                case .create: try await start(change.object)
                case .update: try await update(change)
                case .replace:
                    try await remove(change.before)
                    try await start(change.object)
                case .delete: try await remove(change.before)
                }
                return .done
            } catch {
                return .failed(diagnostic(error, code: "start-failed", of: change))
            }
        }
    }

    private func start(_ object: KernelObject) async throws {
        guard var container = containers[object.id.name] else { return }
        // In another container's sandbox it has that one's host name.
        container.hostname = object.string("hostname")
        guard let image = try store.image(container.image) else {
            throw Diagnostic(code: "image-missing", "image \(container.image.text) is not here")
        }
        // What only the pull could tell is known now.
        let fields = object.fields.map { $0.name == .digest ? Field(.digest, .string(image.digest)) : $0 }
        let sandbox = object.string(.sandbox).flatMap { SandboxName.container($0) }.map(sandboxPath)
        var launch = ContainerLaunch(
            container: container, image: image, set: runtime.layout.set, spec: ProcessSpecification.text(fields),
            sandbox: sandbox, resolvConf: Self.lines(object.list(.resolver)))
        if let hosts = object.list(.hosts) { launch.hosts = Self.lines(hosts) }
        _ = try await runtime.start(launch)
    }

    private func remove(_ object: KernelObject?) async throws {
        guard let object else { return }
        // What this very pass started is undone by name: the plan was made before it had an incarnation.
        guard let id = Incarnation.id(of: object) else {
            for found in ContainerObserver(layout: runtime.layout).observe() where found.name == object.id.name {
                try await runtime.delete(found.id)
            }
            return
        }
        let ofImage = containers[id.name].flatMap { try? store.image($0.image) }?.config.stopSignal
        let signal = (object.string("stopSignal") ?? ofImage).flatMap { Signals.number($0) } ?? 15
        let grace = Duration.milliseconds(object.int(.stopGracePeriod) ?? 10_000)
        try await runtime.stop(id, signal: signal, grace: grace)
        try await runtime.delete(id)
    }

    private func update(_ change: Change) async throws {
        guard let container = containers[change.id.name],
            let id = Incarnation.id(of: change.before)
        else { return }
        let changed = Set(change.fields.map(\.name))
        if !changed.isDisjoint(with: [.memory, .cpus, .pids]) {
            try await runtime.update(id, resources: container.resources)
        }
        try runtime.rewrite(
            id, hosts: changed.contains(.hosts) ? Self.lines(change.object.list(.hosts)) : nil,
            resolvConf: changed.contains(.resolver) ? Self.lines(change.object.list(.resolver)) : nil)
        try runtime.note(id, specification: ProcessSpecification.text(change.object.fields))
    }

    private static func lines(_ lines: [String]?) -> String { (lines ?? []).map { $0 + "\n" }.joined() }
}
