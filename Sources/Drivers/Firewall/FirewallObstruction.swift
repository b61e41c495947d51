import Model

/// Finds chains of others that drop what we forward. An accept of ours cannot override them, and they are not ours to
/// change: so the user is told which chain it is, and what would open it.
public enum FirewallObstruction {
    /// One warning a chain.
    public static func find(_ flows: [ForwardedFlow], _ facts: HostFacts) -> [Diagnostic] {
        let firewall = facts.hostFirewall
        guard !flows.isEmpty, !firewall.bases.isEmpty || !firewall.legacyFamilies.isEmpty else { return [] }
        let trace = FirewallTrace(firewall: firewall, uplinks: facts.uplinks.map(\.name))
        var found: [Diagnostic] = []
        for base in firewall.bases {
            var dropped: [ForwardedFlow] = []
            var reasons: Set<String> = []
            for flow in flows where isAsked(base, about: flow) {
                guard case .dropped(let place) = trace.outcome(base, flow) else { continue }
                dropped.append(flow)
                reasons.insert(
                    place.map { $0 == base.name ? "by a rule" : "by a rule of \($0.chain)" } ?? "policy drop")
            }
            if !dropped.isEmpty { found.append(warning(base, dropped, reasons.sorted(), firewall)) }
        }
        return found + legacy(firewall)
    }

    private static func isAsked(_ base: HostFirewall.Base, about flow: ForwardedFlow) -> Bool {
        guard base.hook == flow.kind.hook else { return false }
        switch base.name.family {
        case "ip": return flow.family == .ipv4
        case "ip6": return flow.family == .ipv6
        default: return true
        }
    }

    private static func warning(
        _ base: HostFirewall.Base, _ dropped: [ForwardedFlow], _ reasons: [String], _ firewall: HostFirewall
    ) -> Diagnostic {
        let parts = ForwardedFlow.Kind.allCases.compactMap { kind -> String? in
            let networks = Set(dropped.filter { $0.kind == kind }.map(\.network)).sorted()
            return networks.isEmpty ? nil : words(kind, shortened(networks, separator: ", "))
        }
        let bridges = Set(dropped.map(\.bridge)).sorted()
        return Diagnostic(
            .warning, code: "dropped-by-others",
            "\(base.name) (\(reasons.joined(separator: ", "))) drops what goes \(parts.joined(separator: "; "))",
            cause: "no accept of ours overrides a drop of another chain",
            hint: "open it: \(FirewallOpening(base, firewall).lines(bridges).joined(separator: "; "))",
            resource: .host("firewall"))
    }

    private static func words(_ kind: ForwardedFlow.Kind, _ networks: String) -> String {
        switch kind {
        case .inbound: "to published ports of \(networks)"
        case .outbound: "from \(networks) to the outside"
        case .within: "between containers of \(networks)"
        case .local: "from 127.0.0.1 to published ports of \(networks)"
        case .names: "from containers of \(networks) to the server of names"
        }
    }

    /// The first few, and how many more.
    static func shortened(_ items: [String], separator: String) -> String {
        items.prefix(4).joined(separator: separator) + (items.count > 4 ? " and \(items.count - 4) more" : "")
    }

    private static func legacy(_ firewall: HostFirewall) -> [Diagnostic] {
        guard !firewall.legacyFamilies.isEmpty else { return [] }
        let tools = firewall.legacyFamilies.map { $0 == .ipv4 ? "iptables-legacy" : "ip6tables-legacy" }
        return [
            Diagnostic(
                .note, code: "legacy-iptables",
                "\(tools.joined(separator: " and ")) has a filter table, of which nftables shows nothing",
                hint: "whether it drops what we forward is for you to see: \(tools[0]) -S FORWARD",
                resource: .host("firewall"))
        ]
    }
}
