import Model

/// Collects the fields of a process, with where the manifest has them.
struct Fields {
    let container: Container
    private(set) var fields: [Field] = []
    private(set) var sources: [FieldName: SourcePosition] = [:]

    init(container: Container) { self.container = container }

    mutating func add(_ name: FieldName, _ value: FieldValue, _ path: String) {
        fields.append(Field(name, value))
        if let source = container.metadata.position(of: path) { sources[name] = source }
    }

    private mutating func add(_ name: FieldName, _ text: String?) {
        if let text { add(name, .string(text), name.description) }
    }

    private mutating func add(_ name: FieldName, _ items: [String]?) {
        if let items, !items.isEmpty { add(name, .list(items), name.description) }
    }

    private mutating func add(_ name: FieldName, _ flag: Bool) {
        if flag { add(name, .bool(true), name.description) }
    }

    private mutating func add(_ name: FieldName, _ number: Int?) {
        if let number { add(name, .int(number), name.description) }
    }

    /// The options of a container, in the order of the manifest reference.
    mutating func addOptions() {
        if let command = container.command { add("command", .list(command), "command") }
        if let args = container.args { add("args", .list(args), "args") }
        for (name, value) in container.environment.sorted(by: { $0.key < $1.key }) {
            add(FieldName("environment.\(name)"), .secret(value), "environment.\(name)")
        }
        add("mounts", container.mounts.map(Self.text))
        add("user", container.user)
        add("workingDir", container.workingDir)
        add("hostname", container.hostname)
        add("readOnly", container.readOnly)
        add("init", container.`init`)
        for (name, value) in container.sysctls.sorted(by: { $0.key < $1.key }) {
            add(FieldName("sysctls.\(name)"), .string(value), "sysctls.\(name)")
        }
        for (name, limit) in container.ulimits.sorted(by: { $0.key < $1.key }) {
            let text = limit.soft == limit.hard ? "\(limit.soft)" : "\(limit.soft):\(limit.hard)"
            add(FieldName("ulimits.\(name)"), .string(text), "ulimits.\(name)")
        }
        add("stopSignal", container.stopSignal)
        if container.stopGracePeriod != .seconds(10) {
            let (seconds, attoseconds) = container.stopGracePeriod.components
            add(.stopGracePeriod, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
        }
        add("capabilities.add", container.capabilities.add.sorted())
        add("capabilities.drop", container.capabilities.drop.sorted())
        add(.memory, container.resources.memory.map(Int.init))
        add(.cpus, container.resources.milliCPUs)
        add(.pids, container.resources.pids)
        if container.restart != .always { add(.restart, .string(container.restart.rawValue), "restart") }
        if let check = container.healthcheck { add(.healthcheck, .list(Self.text(check)), "healthcheck") }
    }

    private static func text(_ mount: Mount) -> String {
        let options = (mount.readOnly ? ":ro" : "") + (mount.size.map { ":size=\($0)" } ?? "")
        return "\(mount.source ?? mount.kind.rawValue):\(mount.target)\(options)"
    }

    private static func text(_ check: Healthcheck) -> [String] {
        check.command + [
            "interval=\(check.interval)", "timeout=\(check.timeout)", "retries=\(check.retries)",
            "startPeriod=\(check.startPeriod)",
        ]
    }
}
