import Model

enum ContainerSchema {
    /// `spec` of `kind: Container`.
    static let spec = ObjectSchema<Container>(
        "Container spec", initial: Container(metadata: Metadata(name: ""), image: .registry("")),
        imageFields + networkFields + processFields + limitFields)

    /// `template` of `kind: Service`: the same, but that the service says on which nodes it is.
    static let template = ObjectSchema<Container>(
        "the template", initial: spec.initial, example: "{ image: nginx:1.27 }",
        spec.fields.filter { $0.name != "nodeSelector" } + [
            .elsewhere("nodeSelector", "it stands beside the template, in the spec of the Service")
        ])

    private static let imageFields: [Field<Container>] = [
        Field(
            "image", \.image, .image,
            "A registry reference as Docker reads it, oci:DIR[:TAG] or docker-archive:FILE. This or rootfs."),
        Field("rootfs", \.image, .rootfs, "A directory as root file system, never written to. This or image."),
        Field(
            "command", \.command, .arguments(minimum: 1), synonyms: ["entrypoint", "cmd"],
            "Replaces the image's entrypoint."),
        Field("args", \.args, .arguments(), "The entrypoint's arguments. Default: the image's, unless command is set."),
        Field(
            "environment", \.environment,
            .dictionary(
                of: .text, "a map of texts",
                key: .text("a variable's name, without =") { !$0.isEmpty && !$0.utf8.contains(61) },
                hint: "write { NAME: value }"),
            synonyms: ["env"], "Variables over the image's."),
    ]

    private static let networkFields: [Field<Container>] = [
        Field(
            "networks", \.networks, AttachmentSchema.list, synonyms: ["network", "networkMode", "network_mode"],
            "The networks it attaches to, by name or with options; also host and none."),
        Field("ports", \.ports, PortSchema.list, synonyms: ["publish", "expose"], "Ports published on the host."),
        Field(
            "dns", \.dns, dns.schema, synonyms: ["dnsConfig"], "What /etc/resolv.conf says. Default: the host's."),
        Field(
            "hostname", \.hostname,
            Schema<String>.text("a host name of at most 64 bytes") { Names.isHostname($0, limit: 64) },
            "Default: the container's name."),
    ]

    private static let processFields: [Field<Container>] = [
        Field(
            "mounts", \.mounts, MountSchema.list, synonyms: ["volumes", "volumeMounts", "tmpfs"],
            "Directories and files mounted into it."),
        Field(
            "restart", \.restart, RestartSchema.policy, synonyms: ["restartPolicy"],
            "What happens when the process ends."),
        Field(
            "healthcheck", \.healthcheck, HealthcheckSchema.object.schema, synonyms: ["livenessProbe"],
            "How health is asked for."),
        Field(
            "user", \.user, ProcessSchema.user, synonyms: ["runAsUser"],
            "user[:group] by name or number. Default: the image's."),
        Field(
            "workingDir", \.workingDir, .absolutePath, synonyms: ["workdir", "working_dir"],
            "Default: the image's, else /."),
        Field(
            "readOnly", \.readOnly, .boolean, synonyms: ["read_only", "readOnlyRootFilesystem"],
            "The root file system cannot be written."),
        Field("init", \.`init`, .boolean, "A small init as process 1, which reaps and forwards signals."),
        Field(
            "stopSignal", \.stopSignal, ProcessSchema.signal, synonyms: ["stop_signal"],
            "By name or number. Default: the image's, else SIGTERM."),
        Field(
            "stopGracePeriod", \.stopGracePeriod, .duration,
            synonyms: ["stop_grace_period", "terminationGracePeriodSeconds"], "From the stop signal to SIGKILL."),
        Field("nodeSelector", \.nodeSelector, Labels.schema, "Only on nodes whose labels match."),
    ]

    private static let limitFields: [Field<Container>] = [
        Field(
            "resources", \.resources, LimitSchema.resources.schema, synonyms: ["limits"], "Limits of its control group."
        ),
        Field("ulimits", \.ulimits, LimitSchema.ulimits, "Resource limits (setrlimit(2)), by lower-case name."),
        Field("sysctls", \.sysctls, LimitSchema.sysctls, "Sysctls of its own namespaces."),
        Field(
            "capabilities", \.capabilities, CapabilitySchema.object.schema, synonyms: ["securityContext", "cap_add"],
            "Changes to Docker's default capabilities."),
    ]

    private static let dns = ObjectSchema<DNSOptions>(
        "dns", initial: DNSOptions(), example: "{ servers: [10.20.0.53] }",
        [
            Field(
                "servers", \.servers, .list(of: .address(), "a list of addresses", hint: "write [10.20.0.53]"),
                synonyms: ["nameservers"], "Name servers."),
            Field(
                "search", \.search, .list(of: .hostname, "a list of domains", hint: "write [example.org]"),
                synonyms: ["searches"], "Domains that short names are looked up in."),
            Field(
                "options", \.options,
                .list(
                    of: .text("an option such as ndots:1") { !$0.isEmpty && !$0.contains(where: \.isWhitespace) },
                    "a list of options", hint: "write [\"ndots:1\"]"),
                "Options of resolv.conf(5)."),
        ])
}

extension Schema where Value == [String] {
    /// A command line: a list, so that nobody has to guess how it is split.
    static func arguments(minimum: Int = 0) -> Schema {
        list(of: .text, "a list of texts", hint: "write [sh, -c, \"...\"]", minimum: minimum)
    }
}

extension Schema where Value == String {
    /// A path in the container.
    static let absolutePath = text("an absolute path", json: ["type": "string", "pattern": "^/"]) { $0.hasPrefix("/") }
}
