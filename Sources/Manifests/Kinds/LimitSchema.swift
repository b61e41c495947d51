import Model

enum LimitSchema {
    /// Docker's least memory is 6 MiB: less does not start a container.
    static let resources = ObjectSchema<Resources>(
        "resources", initial: Resources(), example: "{ memory: 256Mi, cpus: 0.5, pids: 100 }",
        [
            Field(
                "memory", \.memory, Schema<Int64>.size(minimum: 6 << 20, "6Mi"), synonyms: ["mem_limit"],
                "Its memory; past it processes are killed."),
            Field("cpus", \.milliCPUs, Schema<Int>.milliCPUs, synonyms: ["cpu"], "CPUs, in parts as a decimal."),
            Field(
                "pids", \.pids, Schema<Int>.integer(1...4_194_304), synonyms: ["pidsLimit", "pids_limit"],
                "Processes and threads."),
        ])

    /// setrlimit(2)'s names without RLIMIT_, lower case.
    private static let limits = [
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss",
        "rtprio",
        "rttime", "sigpending", "stack",
    ]

    static let ulimits = Schema<[String: Ulimit]>.dictionary(
        of: ulimit, "a map of limits",
        key: .parsed("the name of a limit", json: ["enum": .strings(limits)]) { text throws(Misreading) in
            if limits.contains(text) { return text }
            let near = NearestName.hint(for: text, among: limits)
            throw Misreading(
                hint: near ?? "limits are \(limits.joined(separator: ", "))", message: "no limit \(quoted(text))")
        },
        hint: "write { nofile: 65536 }")

    private static let ulimit = Schema<Ulimit>(
        expected: "a number, unlimited, or { soft, hard }",
        json: ["anyOf": [number.json(), pair.json()]]
    ) { node, decoding in
        if decoding.tree[node].kind == .scalar {
            return number.read(node, &decoding).map { Ulimit(soft: $0, hard: $0) }
        }
        var limit = pair.initial
        guard pair.read(node, into: &limit, &decoding) else { return nil }
        guard limit.soft <= limit.hard else {
            decoding.report("invalid-value", "\(decoding.fieldPath): the soft limit is above the hard limit", at: node)
            return nil
        }
        return limit
    }

    private static let pair = ObjectSchema<Ulimit>(
        "a limit", initial: Ulimit(soft: 0, hard: 0), example: "{ soft: 1024, hard: 65536 }",
        [
            Field("soft", \.soft, number, required: true, "The limit in force."),
            Field("hard", \.hard, number, required: true, "How far a process may raise it."),
        ])

    private static let number = Schema<UInt64>.parsed(
        "a whole number or unlimited",
        json: ["anyOf": [["type": "integer", "minimum": 0], ["enum": ["unlimited"]]]]
    ) { text throws(Misreading) in
        if text == "unlimited" { return .max }
        guard let number = Digits.integer(text), number >= 0 else {
            throw Misreading(hint: text == "-1" ? "write unlimited" : nil)
        }
        return UInt64(number)
    }

    /// Those that belong to a namespace of the container (as Docker has it): all of net, System V IPC, POSIX queues.
    static let sysctls = Schema<[String: String]>.dictionary(
        of: .text, "a map of texts",
        key: .parsed("the name of a sysctl", json: ["type": "string"]) { text throws(Misreading) in
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let isName =
                parts.count > 1
                && parts.allSatisfy { part in
                    !part.isEmpty && part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f }
                }
            let known = [
                "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
                "kernel.shmmni", "kernel.shm_rmid_forced", "kernel.domainname",
            ]
            guard isName, parts[0] == "net" || text.hasPrefix("fs.mqueue.") || known.contains(text) else {
                throw Misreading(
                    hint: "a container has net.*, fs.mqueue.* and the System V kernel.msg*, kernel.sem, kernel.shm*",
                    message: "the sysctl \(quoted(text)) does not belong to a container's namespaces")
            }
            return text
        },
        hint: "write { net.core.somaxconn: \"1024\" }")
}
