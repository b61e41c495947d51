import Model

/// The OCI configuration (runtime-spec, config.md) of a launch. A pure function: no file is read here.
public enum OCIBundle {
    /// The document. Throws `no-command`, `unknown-user`, `unknown-group`, `unknown-capability`, `init-missing`.
    public static func config(_ launch: ContainerLaunch, _ facts: BundleFacts) throws(Diagnostic) -> JSONValue {
        let container = launch.container
        let user = try user(launch, facts)
        var annotations = [
            "reconcile.set": launch.set,
            "reconcile.resource": container.id.description,
            "reconcile.spec": launch.spec,
            "reconcile.image": launch.image.digest,
        ]
        if case .compiled(let filter) = facts.seccomp { annotations["run.oci.seccomp_bpf_data"] = filter }
        return [
            "ociVersion": "1.0.2",
            "process": try process(launch, facts, user),
            "root": ["path": .string(facts.rootfs), "readonly": .bool(container.readOnly)],
            "hostname": .string(launch.hostname),
            "mounts": .array(try BundleMounts.list(launch, facts)),
            "annotations": .strings(annotations),
            "linux": linux(launch, facts),
        ]
    }

    /// Whom it runs as: the manifest's word, else the image's.
    private static func user(_ launch: ContainerLaunch, _ facts: BundleFacts) throws(Diagnostic) -> ContainerUser {
        let container = launch.container
        do throws(Diagnostic) {
            return try ContainerUser(
                container.user ?? launch.image.config.user, passwd: facts.passwd, group: facts.group)
        } catch {
            var error = error
            error.resource = container.id
            error.position = container.metadata.position(of: container.user == nil ? "image" : "user")
            throw error
        }
    }

    /// The command line: the manifest's, completed by the image's.
    static func arguments(_ launch: ContainerLaunch) throws(Diagnostic) -> [String] {
        let container = launch.container
        let command = container.command ?? launch.image.config.entrypoint
        let arguments = container.args ?? (container.command == nil ? launch.image.config.cmd : [])
        guard !(command + arguments).isEmpty else {
            throw Diagnostic(
                code: "no-command", "nothing says what to run: the image has neither an entrypoint nor a command",
                hint: "write command: [PROGRAM]", resource: container.id,
                position: container.metadata.position(of: "command"))
        }
        return command + arguments
    }

    /// The variables, a later value in place of an earlier one: defaults, image, manifest.
    static func environment(_ launch: ContainerLaunch, home: String) -> [String] {
        var names: [String] = []
        var values: [String: String] = [:]
        func set(_ name: String, _ value: String) {
            if values.updateValue(value, forKey: name) == nil { names.append(name) }
        }
        set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        set("HOSTNAME", launch.hostname)
        set("TERM", "xterm")
        set("HOME", home)
        for variable in launch.image.config.env {
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            set(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        for (name, value) in launch.container.environment.sorted(by: { $0.key < $1.key }) { set(name, value) }
        return names.map { "\($0)=\(values[$0] ?? "")" }
    }

    /// `process.capabilities` from the bounding set. Other users than root have no more than that, as in Docker: an exec
    /// by them would clear the other sets anyway.
    static func capabilities(_ names: JSONValue, user: ContainerUser) -> JSONValue {
        user.uid == 0 ? ["bounding": names, "effective": names, "permitted": names] : ["bounding": names]
    }

    private static func process(
        _ launch: ContainerLaunch, _ facts: BundleFacts, _ user: ContainerUser
    ) throws(Diagnostic) -> JSONValue {
        let container = launch.container
        var arguments = try arguments(launch)
        if container.`init` { arguments = [BundleMounts.initTarget, "--"] + arguments }
        let names = JSONValue.strings(try CapabilitySet.resolve(container.capabilities))
        let imageDirectory = launch.image.config.workingDir
        let directory = container.workingDir ?? (imageDirectory.isEmpty ? "/" : imageDirectory)
        let limits = container.ulimits.sorted { $0.key < $1.key }.map { name, limit -> JSONValue in
            [
                "type": .string("RLIMIT_" + name.uppercased()), "hard": limitValue(limit.hard),
                "soft": limitValue(limit.soft),
            ]
        }
        var process: [JSONValue.Member] = [
            .init("terminal", false),
            .init("user", user.document),
            .init("args", .strings(arguments)),
            .init("env", .strings(environment(launch, home: user.home))),
            .init("cwd", .string(directory)),
            .init("capabilities", capabilities(names, user: user)),
            .init("rlimits", .array(limits)),
            .init("noNewPrivileges", true),
        ]
        // What keeps the agent alive when memory is short must not keep every container alive. Nobody may go below what
        // he has without CAP_SYS_RESOURCE, so nothing else is touched.
        if facts.oomScore < 0 { process.append(.init("oomScoreAdj", 0)) }
        return .object(process)
    }

    /// RLIM_INFINITY is 2^64-1, which our integers do not hold; as a double it prints in a form that no runtime reads.
    /// The largest number that fits limits as little.
    private static func limitValue(_ value: UInt64) -> JSONValue { .int(Int64(clamping: value)) }
}
