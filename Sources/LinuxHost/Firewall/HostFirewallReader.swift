import Drivers
import Model

/// Reads the chains of others that may drop what we forward: one listing of chains, and where there is such a chain the
/// rules of it and of those that it leads to.
struct HostFirewallReader {
    /// What libnftables answers to a listing, as JSON; `nil` where it is refused.
    let list: (String) -> [JSONValue]?
    /// The same as the text of nft(8) with handles: there the matches of iptables are translated, of which the JSON tells
    /// only the names.
    let text: (String) -> String?

    /// Chains that are followed from one hook; what is beyond is not looked at.
    private static let limit = 256

    /// What there is; `nil` where the kernel does not tell.
    func read() -> HostFirewall? {
        guard let items = list("list chains") else { return nil }
        var firewall = HostFirewall()
        for item in items {
            guard let chain = item["chain"], let name = Self.name(chain, chain["name"]?.string), !Self.isOurs(name)
            else { continue }
            if FirewallOpening.landmarks.contains(name.chain) { firewall.landmarks.insert(name) }
            guard chain["type"]?.string == "filter", ["ip", "ip6", "inet"].contains(name.family),
                let hook = chain["hook"]?.string.flatMap({ HostFirewall.Hook(rawValue: $0) })
            else { continue }
            var rules: [HostFirewall.Name: [HostFirewall.Rule]] = [:]
            // What cannot be listed is not understood either: of that nothing is said.
            guard follow(name, into: &rules) else { continue }
            let policyDrops = chain["policy"]?.string == "drop"
            guard policyDrops || rules.values.contains(where: { $0.contains { $0.verdict == .drop } }) else { continue }
            firewall.bases.append(HostFirewall.Base(name: name, hook: hook, policyDrops: policyDrops))
            firewall.rules.merge(rules) { first, _ in first }
        }
        firewall.bases.sort { $0.name.description < $1.name.description }
        return firewall
    }

    /// Our own tables, of this set and others.
    static func isOurs(_ name: HostFirewall.Name) -> Bool {
        name.family == "inet" && TableName.set(of: name.table) != nil
    }

    static func name(_ item: JSONValue, _ chain: String?) -> HostFirewall.Name? {
        guard let family = item["family"]?.string, let table = item["table"]?.string, let chain else { return nil }
        return HostFirewall.Name(family: family, table: table, chain: chain)
    }

    private func follow(_ first: HostFirewall.Name, into rules: inout [HostFirewall.Name: [HostFirewall.Rule]]) -> Bool
    {
        var open = [first]
        while let name = open.popLast() {
            guard rules[name] == nil, rules.count < Self.limit else { continue }
            let place = "chain \(name.family) \(name.table) \(name.chain)"
            guard let items = list("list \(place)") else { return false }
            let found = items.compactMap { $0["rule"] }.filter { $0["chain"]?.string == name.chain }
            let needsText = found.contains { HostRuleParser.needsText($0) }
            let lines = needsText ? text("list \(place)").map(HostRuleParser.linesByHandle) ?? [:] : [:]
            let parser = HostRuleParser { set in elements(of: set, in: name) }
            rules[name] = found.flatMap { parser.rules($0, text: $0["handle"]?.int.flatMap { lines[$0] }) }
            for rule in rules[name] ?? [] {
                switch rule.verdict {
                case .jump(let chain), .goto(let chain): open.append(name.sibling(chain))
                case .accept, .drop, .returns: break
                }
            }
        }
        return true
    }

    private func elements(of set: String, in chain: HostFirewall.Name) -> [JSONValue]? {
        for kind in ["set", "map"] {
            guard let items = list("list \(kind) \(chain.family) \(chain.table) \(set)") else { continue }
            if let found = items.lazy.compactMap({ $0[kind] }).first { return found["elem"]?.array ?? [] }
        }
        return nil
    }
}
