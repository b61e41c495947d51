/// The commands that open a chain of others for our bridges, in the words of whoever made it.
public struct FirewallOpening {
    private enum Maker {
        case ufw
        case firewalld
        /// The chain for users' rules, before Docker's own.
        case docker
        case iptables
        case nftables
    }

    private let base: HostFirewall.Base
    private let maker: Maker

    init(_ base: HostFirewall.Base, _ firewall: HostFirewall) {
        self.base = base
        let name = base.name
        let isIPTables = name.table == "filter" && name.family != "inet" && name.chain == name.chain.uppercased()
        func has(_ chain: String) -> Bool { firewall.landmarks.contains(name.sibling(chain)) }
        if name.family == "inet", name.table == "firewalld" {
            maker = .firewalld
        } else if isIPTables, has("ufw-user-forward") || has("ufw6-user-forward") {
            maker = .ufw
        } else if isIPTables, base.hook == .forward, has("DOCKER-USER") {
            maker = .docker
        } else {
            maker = isIPTables ? .iptables : .nftables
        }
    }

    /// Chains by which a maker is known.
    public static let landmarks: Set<String> = ["DOCKER-USER", "ufw-user-forward", "ufw6-user-forward"]

    /// The commands, for the first few bridges, and a word about the others.
    func lines(_ bridges: [String]) -> [String] {
        if base.hook == .output { return [outputLine] }
        let lines = bridges.prefix(3).flatMap(base.hook == .input ? inputLines : lines)
        guard bridges.count > 3 else { return lines }
        return lines + ["and so for \(FirewallObstruction.shortened(Array(bridges.dropFirst(3)), separator: ", "))"]
    }

    private func lines(_ bridge: String) -> [String] {
        let tool = base.name.family == "ip6" ? "ip6tables" : "iptables"
        switch maker {
        case .ufw: return ["ufw route allow out on \(bridge)", "ufw route allow in on \(bridge)"]
        case .firewalld:
            let zone = "--zone=trusted --add-interface=\(bridge)"
            return ["firewall-cmd --permanent \(zone)", "firewall-cmd \(zone)"]
        case .docker: return ["-o", "-i"].map { "\(tool) -I DOCKER-USER \($0) \(bridge) -j ACCEPT" }
        case .iptables: return ["-o", "-i"].map { "\(tool) -I \(base.name.chain) \($0) \(bridge) -j ACCEPT" }
        case .nftables:
            return ["oifname", "iifname"].map {
                "nft insert rule \(base.name.family) \(base.name.table) \(base.name.chain) \($0) \(bridge) accept"
            }
        }
    }

    private func inputLines(_ bridge: String) -> [String] {
        let tool = base.name.family == "ip6" ? "ip6tables" : "iptables"
        switch maker {
        case .ufw: return ["ufw allow in on \(bridge) to any port 53 proto udp"]
        case .firewalld: return lines(bridge)
        case .iptables, .docker: return ["\(tool) -I \(base.name.chain) -i \(bridge) -p udp --dport 53 -j ACCEPT"]
        case .nftables:
            let chain = "\(base.name.family) \(base.name.table) \(base.name.chain)"
            return ["nft insert rule \(chain) iifname \(bridge) udp dport 53 accept"]
        }
    }

    private var outputLine: String {
        switch maker {
        case .ufw: "ufw allow out on lo"
        case .iptables, .docker: "iptables -I \(base.name.chain) -o lo -j ACCEPT"
        case .firewalld, .nftables:
            "nft insert rule \(base.name.family) \(base.name.table) \(base.name.chain) oifname lo accept"
        }
    }
}
