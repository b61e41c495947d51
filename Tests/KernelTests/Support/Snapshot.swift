/// All of a host that a pass could change, as text.
struct Snapshot: Equatable {
    let parts: [String: String]

    /// The lines that differ, for the reader of a failed test.
    func difference(to other: Snapshot) -> String {
        parts.keys.sorted().compactMap { name -> String? in
            let before = Set((parts[name] ?? "").lines)
            let after = Set((other.parts[name] ?? "").lines)
            guard before != after else { return nil }
            return "\(name):\n" + before.subtracting(after).sorted().map { "  - \($0)\n" }.joined()
                + after.subtracting(before).sorted().map { "  + \($0)\n" }.joined()
        }.joined()
    }
}

extension TestHost {
    /// The kernel's side: links, addresses, routes, firewall, namespaces, mounts, sysctls, control groups.
    func kernelSnapshot(of places: [Place] = [.host]) throws -> Snapshot {
        var parts: [String: String] = [:]
        for place in places {
            // Timers of a bridge run, and the states of neighbours come and go by themselves.
            parts["links of \(place)"] = try sh(
                "ip -d -o link | sed -E 's/(hello|tcn|topology_change|gc)_timer +[0-9.]+//g'", in: place)
            parts["addresses of \(place)"] = try sh("ip -o address", in: place)
            parts["routes of \(place)"] = try sh(
                "ip route show table all; ip -6 route show table all; ip rule", in: place)
            parts["neighbours of \(place)"] = try sh(
                "ip neigh show nud permanent; bridge fdb | grep -v self", in: place)
            parts["sysctls of \(place)"] = try sh(
                """
                grep -r . /proc/sys/net/ipv4 /proc/sys/net/ipv6 2>/dev/null |
                    grep -vE '/neigh/|random|stable_secret|flush|fastopen_key|ip_local_port'
                true
                """, in: place)
        }
        parts["firewall"] = try sh("nft list ruleset")
        parts["namespaces"] = try sh("ls -i /run/netns")
        parts["mounts"] = try sh("cut -d' ' -f4- /proc/self/mountinfo")
        parts["control groups"] = cgroups.joined(separator: "\n")
        parts["processes"] = processes.sorted().map(String.init).joined(separator: "\n")
        return Snapshot(parts: parts)
    }

    /// The kernel's side and every file, with its times.
    func fullSnapshot(of places: [Place] = [.host]) throws -> Snapshot {
        var parts = try kernelSnapshot(of: places).parts
        parts["files"] = try sh(
            "find /run \(directory) -not -path '*/merged/*' -printf '%p %y %m %U %G %s %i %T@ %C@\\n' 2>/dev/null | sort"
        )
        return Snapshot(parts: parts)
    }
}
