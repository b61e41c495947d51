import Foundation
/// All of a host that a pass could change, as text.
struct Snapshot {
    let parts: [String: String]

    /// The lines that differ, for the reader of a failed test; empty where nothing does.
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

extension Snapshot {
    /// The same without what is new on everything that is made anew: numbers of links and times of life.
    var withoutIndexes: Snapshot {
        Snapshot(
            parts: parts.mapValues { text in
                text.lines.map { line in
                    line.replacing(#/^[0-9]+: /#, with: "").replacing(#/@if[0-9]+/#, with: "@")
                        .replacing(#/(link-netnsid|port_no|port_id|designated_port|handle) \S+/#, with: "")
                        .replacing(#/ (gso|tso|gro)\S+ [0-9]+/#, with: "").replacing(#/state [A-Z]+/#, with: "")
                        // The kernel draws the host's ends by lot.
                        .replacing(#/(?!02:42:0a)([0-9a-f]{2}:){5}[0-9a-f]{2}/#, with: "MAC")
                        .replacing(#/ tentative/#, with: "").replacing(#/LOWER_UP|NO-CARRIER/#, with: "")
                }.sorted().joined(separator: "\n")
            })
    }
}

extension TestHost {
    /// The kernel's side: links, addresses, routes, firewall, namespaces, mounts, sysctls, control groups.
    func kernelSnapshot(of places: [Place] = [.host]) throws -> Snapshot {
        var parts: [String: String] = [:]
        for place in places {
            // Timers of a bridge run, and link-local addresses of the kernel's own take their time to appear.
            parts["links of \(place)"] = try sh("ip -d -o link | sed -E 's/[a-z_]+_timer +[0-9.]+//g'", in: place)
            parts["addresses of \(place)"] = try sh("ip -o address | sed 's/ tentative//'", in: place)
            parts["routes of \(place)"] = try sh(
                "{ ip route show table all; ip -6 route show table all; ip rule; ip -6 rule; } | grep -v fe80:",
                in: place)
            parts["neighbours of \(place)"] = try sh(
                "ip neigh show nud permanent; bridge fdb | grep permanent | grep -v self; true", in: place)
            parts["sysctls of \(place)"] = try sh(
                """
                grep -r . /proc/sys/net/ipv4 /proc/sys/net/ipv6 2>/dev/null |
                    grep -vE '/neigh/|random|stable_secret|flush|fastopen_key|ip_local_port'
                true
                """, in: place)
        }
        parts["firewall"] = try sh("nft list ruleset")
        parts["namespaces"] = try sh("ls -i /run/netns 2>/dev/null || true")
        // The number of a mount's peer group is the kernel's choice, like an index.
        parts["mounts"] = try sh("cut -d' ' -f4- /proc/self/mountinfo | sed 's/ shared:[0-9]*//'")
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

extension TestHost {
    /// The kernel's side once it has come to rest: a new link's carrier and its link-local address take their time.
    func restingSnapshot() throws -> Snapshot {
        var snapshot = try kernelSnapshot()
        _ = try eventually(within: .seconds(20)) {
            Thread.sleep(forTimeInterval: 1)
            let next = try kernelSnapshot()
            defer { snapshot = next }
            return snapshot.difference(to: next) == ""
        }
        return snapshot
    }
}
