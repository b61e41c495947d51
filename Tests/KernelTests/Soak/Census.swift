import Glibc

extension TestHost {
    /// All that a leak would be among, without what is new on everything that is made anew: what is there twice is in
    /// it twice. `agent` is a process whose descriptors and children belong to it.
    func census(sandboxes: [String], agent: pid_t) throws -> Snapshot {
        let places = [Place.host] + sandboxes.map { .sandbox($0) }
        var parts = try kernelSnapshot(of: places).withoutIndexes.parts
        parts["namespaces"] = Files.names("/proc/\(holderPID)/root/run/netns").joined(separator: "\n")
        parts["processes"] = processes.map { Files.read("/proc/\($0)/comm").trimmed }.joined(separator: "\n")
        parts["files"] = try sh(
            """
            find /run/reconcile \(data) -not -path '*/upper/*' -not -path '*/work/*' -not -path '*/rootfs/*' \
                -not -path '*/logs/*' -not -name 'events.jsonl*' -printf '%p %y\\n'
            """)
        parts["logs"] = try sh("for d in \(data)/logs/default/*; do [ $(ls $d | wc -l) -le 10 ] || echo $d; done")
        parts["descriptors of the agent"] = Files.names("/proc/\(agent)/fd").compactMap { name -> String? in
            var buffer = [CChar](repeating: 0, count: 256)
            // One that is closed by the time that it is looked at is not held.
            guard readlink("/proc/\(agent)/fd/\(name)", &buffer, 255) > 0 else { return nil }
            let target = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return target.replacing(#/^\/proc\/[0-9]+\//#, with: "/proc/self/").replacing(#/\[[0-9]+\]/#, with: "")
                .replacing(#/reconcile-test-[A-Za-z0-9]+/#, with: "")
        }.joined(separator: "\n")
        // Its children outlive it, but none of them may wait for it in vain.
        let children = Files.names("/proc/\(agent)/task").flatMap {
            Files.read("/proc/\(agent)/task/\($0)/children").split(separator: " ").compactMap { Int32($0) }
        }
        parts["zombies of the agent"] = children.filter { !isAlive($0) }.map(String.init).joined(separator: "\n")
        return Snapshot(parts: parts.mapValues(Self.counted))
    }

    /// Each line once, with how often it is there, and without numbers that are drawn for each thing that is made.
    private static func counted(_ text: String) -> String {
        var counts: [String: Int] = [:]
        for line in text.lines {
            // Incarnations of containers, and inodes of namespaces.
            let plain = line.replacing(#/-[0-9a-f]{8}\b/#, with: "-*").replacing(#/net:\[[0-9]+\]/#, with: "net:*")
            counts[plain, default: 0] += 1
        }
        return counts.map { "\($0.value) x \($0.key)" }.sorted().joined(separator: "\n")
    }
}
