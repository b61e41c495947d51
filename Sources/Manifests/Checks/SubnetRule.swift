import Model

/// Subnets of one node do not overlap.
enum SubnetRule {
    private struct Claim {
        let prefix: IPPrefix
        let network: Int
        let subnet: Int
    }

    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        let claims = index.networks.enumerated().filter { index.isPlaced($1.id, $1.metadata) }
            .flatMap { number, network in
                network.subnets.enumerated().map { Claim(prefix: $1.prefix, network: number, subnet: $0) }
            }
            .sorted { $0.prefix < $1.prefix }
        for (place, claim) in claims.enumerated() {
            // Sorted by their first address, so all that overlap this one follow without a gap.
            for other in claims[(place + 1)...] {
                guard claim.prefix.overlaps(other.prefix) else { break }
                let (first, second) = claim.network < other.network ? (claim, other) : (other, claim)
                let (holder, network) = (index.networks[first.network], index.networks[second.network])
                guard first.network != second.network, holder.id != network.id,
                    NodeSelectors.meet(holder.nodeSelector, network.nodeSelector)
                else { continue }
                let position = holder.metadata.position(of: "subnets[\(first.subnet)].subnet").map { " at \($0)" } ?? ""
                let what = first.prefix == second.prefix ? "is that of" : "overlaps \(first.prefix) of"
                findings.report(
                    "overlapping-subnets", "the subnet \(second.prefix) \(what) another network",
                    hint: "\(holder.id) has it\(position); choose another", network,
                    at: "subnets[\(second.subnet)].subnet")
            }
        }
    }
}

/// Two networks of one node do not share a link.
enum LinkNameRule {
    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        var holders: [String: [Int]] = [:]
        for (number, network) in index.networks.enumerated() where index.isPlaced(network.id, network.metadata) {
            guard let name = network.bridge.name else { continue }
            let other = holders[name]?.first {
                NodeSelectors.meet(index.networks[$0].nodeSelector, network.nodeSelector)
                    && index.networks[$0].id != network.id
            }
            holders[name, default: []].append(number)
            guard let other else { continue }
            let holder = index.networks[other]
            let place = holder.metadata.position(of: "bridge.name").map { " at \($0)" } ?? ""
            findings.report(
                "duplicate-link", "two networks name their bridge \(name)", hint: "\(holder.id) has it\(place)",
                network,
                at: "bridge.name")
        }
    }
}
