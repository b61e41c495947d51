import Model
import Testing

extension NodeFleet {
    /// The endpoints that are there on a node, as the kernel has them: those of its sandboxes, and its own address on the
    /// network beside the gateway's. The addresses by the MAC.
    private func endpoints(on number: Int) throws -> [String: Set<String>] {
        let text = try node(number).sh(
            """
            for n in /run/netns/reconcile-*; do
                [ -e $n ] || continue
                nsenter --net=$n ip -j address show dev eth0 2>/dev/null || true
            done
            ip -j address show dev br-overnet 2>/dev/null || true
            """)
        var found: [String: Set<String>] = [:]
        for line in text.lines where !line.isEmpty {
            for link in try JSONValue(parsing: Array(line.utf8)).array ?? [] {
                let addresses = (link["addr_info"]?.array ?? []).compactMap { $0["local"]?.string }.filter {
                    ($0.hasPrefix("10.77.0.") || $0.hasPrefix("fd00:77:"))
                        && $0 != "10.77.0.1" && $0 != "fd00:77::1"
                }
                guard let mac = link["address"]?.string, !addresses.isEmpty else { continue }
                found[mac, default: []].formUnion(addresses)
            }
        }
        return found
    }

    /// What a node has for the endpoints on others: `MAC via NODE`, `MAC bridged`, `ADDRESS is MAC`.
    private func entries(on number: Int) throws -> Set<String> {
        let host = node(number)
        let own = try host.sh("ip -br link show vx-overnet 2>/dev/null | awk '{ print $3 }'")
        var found: Set<String> = []
        for line in try host.sh("bridge fdb show dev vx-overnet 2>/dev/null || true").lines {
            let words = line.split(separator: " ").map(String.init)
            guard let mac = words.first, mac != own, !mac.hasPrefix("33:33:"), !mac.hasPrefix("01:00:5e:") else {
                continue
            }
            if let index = words.firstIndex(of: "dst"), index + 1 < words.count {
                found.insert("\(mac) via \(words[index + 1])")
            } else {
                found.insert("\(mac) bridged")
            }
        }
        // Before an agent has made the vxlan, its entries are lacking, which is waited for.
        let neighbours = "neigh show dev vx-overnet nud permanent 2>/dev/null || true"
        for line in try host.sh("ip -4 \(neighbours); ip -6 \(neighbours)").lines {
            let words = line.split(separator: " ").map(String.init)
            if let index = words.firstIndex(of: "lladdr") { found.insert("\(words[0]) is \(words[index + 1])") }
        }
        return found
    }

    /// Expects that the nodes' forwarding entries and neighbours are those of what runs on the others, no more and no
    /// less: neither is taken from what the control plane says.
    func expectNoStaleEntries(
        _ when: String, on numbers: [Int] = [1, 2, 3], source: SourceLocation = #_sourceLocation
    ) throws {
        var difference = ""
        let isClean = try eventually(within: .seconds(10)) {
            difference = ""
            for number in numbers {
                var wanted: Set<String> = []
                for other in numbers where other != number {
                    for (mac, addresses) in try endpoints(on: other) {
                        wanted.formUnion(["\(mac) via \(underlay.address(other))", "\(mac) bridged"])
                        wanted.formUnion(addresses.map { "\($0) is \(mac)" })
                    }
                }
                let found = try entries(on: number)
                for entry in found.subtracting(wanted).sorted() { difference += "n\(number) stale: \(entry)\n" }
                for entry in wanted.subtracting(found).sorted() { difference += "n\(number) lacks: \(entry)\n" }
            }
            return difference.isEmpty
        }
        #expect(isClean, "\(when):\n\(difference)", sourceLocation: source)
    }
}
