import Drivers
import Model
import Planning

extension FactsReader {
    /// Adds the subnets that our firewall has for networks whose bridge shows none: one with `gatewayMode: isolated`
    /// has no address on the host, and of any other the address may have been removed by somebody.
    static func readSubnets(_ firewall: Observation, into facts: inout HostFacts) {
        var found: [String: Set<IPPrefix>] = [:]
        for object in firewall.objects.values
        where object.id.kind == .firewall && object.id.name.hasPrefix("subnets") {
            guard let element = FirewallElement(name: object.id.name),
                element.set == "subnets4" || element.set == "subnets6",
                let prefix = element.key.last.flatMap({ IPPrefix($0) }),
                let owner = object.owner, owner.kind == .network
            else { continue }
            found[owner.name, default: []].insert(prefix)
        }
        for (network, prefixes) in found {
            let seen = Set((facts.subnets[network] ?? []).map(\.family))
            facts.subnets[network, default: []] += prefixes.filter { !seen.contains($0.family) }.sorted()
        }
    }
}
