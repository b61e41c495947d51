import Glibc
import Model
import Planning

/// What is found of containers, as objects for planning.
public struct ContainerObservation: Sendable {
    /// Processes, and images that are here.
    public var objects: [KernelObject] = []
    /// The incarnation that stands for each container.
    public var current: [String: ObservedContainer] = [:]

    /// Sorts out what was found: one incarnation stands for its container, any other is a leftover to be removed.
    ///
    /// `isInSandbox` tells whether a process runs in the sandbox of a container, by that container's name.
    public init(_ found: [ObservedContainer], layout: StateLayout, isInSandbox: (String, Int32) -> Bool) {
        let cgroups = try? Cgroups.read()
        for container in found {
            let rival = current[container.name]
            if rival == nil || Self.rank(container) > Self.rank(rival!) { current[container.name] = container }
        }
        for container in found {
            let isCurrent = current[container.name]?.id == container.id
            objects.append(
                isCurrent
                    ? Self.process(
                        container, cgroups.map { Cgroup(layout.cgroup(container.id), $0) }, isInSandbox: isInSandbox)
                    : KernelObject(
                        ObjectID(.process, container.id.text, in: container.name), owner: .container(container.name),
                        keys: [Incarnation.key(container.id)]))
        }
    }

    /// A running one with its conmon, before one that ended, before one half made; the newest of its like.
    private static func rank(_ container: ObservedContainer) -> (Int, Int64) {
        let state =
            switch container.state {
            case .running: container.conmonAlive ? 3 : 2
            case .exited: 1
            case .created: 0
            }
        return (state, container.startedAt)
    }

    /// Limits as the kernel has them now, where the specification has any. The kernel rounds memory down to a page.
    private static func readLimits(_ fields: inout [Field], _ group: Cgroup) {
        guard fields.contains(where: { [.memory, .cpus, .pids].contains($0.name) }) else { return }
        let limits = group.limits()
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let values: [(FieldName, Int?)] = [
            (.memory, limits.memory.map(Int.init)), (.cpus, limits.milliCPUs), (.pids, limits.pids),
        ]
        for (name, actual) in values {
            guard let index = fields.firstIndex(where: { $0.name == name }), case .int(let wanted) = fields[index].value
            else { continue }
            if actual == (name == .memory ? wanted / page * page : wanted) { continue }
            fields[index] = Field(name, actual.map { .int($0) } ?? "unlimited")
        }
    }

    private static func process(
        _ container: ObservedContainer, _ group: Cgroup?, isInSandbox: (String, Int32) -> Bool
    ) -> KernelObject {
        var fields = ProcessSpecification.fields(container.spec)
        if container.state == .running, let group { readLimits(&fields, group) }
        let place = fields.firstIndex { $0.name == .sandbox }
        var sandbox: String? = container.name
        if let place, case .string(let text) = fields[place].value { sandbox = SandboxName.container(text) }
        if container.state == .running, let pid = container.process?.pid, let place, let sandbox,
            !isInSandbox(sandbox, pid)
        {
            fields[place] = Field(.sandbox, .string(SandboxName.lost))
        }
        // Without its conmon nobody would see a process end: it counts as unsupervised, and is replaced.
        let isSupervised = container.conmonAlive || container.state != .running
        fields.append(Field(.state, .string(isSupervised ? container.state.rawValue : "unsupervised")))
        return KernelObject(
            .process(container.name), owner: .container(container.name), fields: fields,
            hangsOn: sandbox.map { [.sandbox($0)] } ?? [],
            keys: [Incarnation.key(container.id)])
    }
}

/// Which incarnation of a container an observed process is: one of its unique keys, since no two have the same.
enum Incarnation {
    private static let prefix = "incarnation "

    static func key(_ id: ContainerID) -> String { prefix + id.text }

    static func id(of object: KernelObject?) -> ContainerID? {
        let key = object?.keys.first { $0.hasPrefix(prefix) }
        return key.flatMap { ContainerID(String($0.dropFirst(prefix.count))) }
    }
}
