import Model

/// The frame of our nftables table: chains whose rules never change, and sets and maps for all that grows.
///
/// Rules are written exactly as the kernel reads them back, so that they can be compared by meaning. See
/// `docs/security.md` for the order in which packets meet them.
enum FirewallTable {
    /// A set or map: its name, the type of its key, and that of its values for a map.
    struct SetDeclaration {
        let name: String
        let type: String
        var isInterval = false
    }

    /// Hash maps only for what grows with ports: an interval map of 10,000 takes 1.5 s to load, a hash map 62 ms.
    static let sets = [
        // Its being there says that the table is ours, and not somebody's of the same name.
        SetDeclaration(name: FirewallElement.mark, type: "mark"),
        SetDeclaration(name: "ports4", type: "inet_proto . inet_service : ipv4_addr . inet_service"),
        SetDeclaration(name: "ports6", type: "inet_proto . inet_service : ipv6_addr . inet_service"),
        SetDeclaration(
            name: "ports4_address", type: "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service"),
        SetDeclaration(
            name: "ports6_address", type: "ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service"),
        SetDeclaration(name: "services", type: "nf_proto . inet_proto . inet_service : verdict"),
        SetDeclaration(name: "services4_address", type: "ipv4_addr . inet_proto . inet_service : verdict"),
        SetDeclaration(name: "services6_address", type: "ipv6_addr . inet_proto . inet_service : verdict"),
        SetDeclaration(name: "open4", type: "ipv4_addr . inet_proto . inet_service"),
        SetDeclaration(name: "open6", type: "ipv6_addr . inet_proto . inet_service"),
        SetDeclaration(name: "bridges", type: "ifname"),
        SetDeclaration(name: "closed", type: "ifname"),
        SetDeclaration(name: "same", type: "ifname . ifname : verdict"),
        SetDeclaration(name: "trusted", type: "ifname . ifname"),
        SetDeclaration(name: "snat4", type: "ifname : ipv4_addr"),
        SetDeclaration(name: "snat6", type: "ifname : ipv6_addr"),
        SetDeclaration(name: "routed", type: "nf_proto . ifname"),
        SetDeclaration(name: "unprotected", type: "nf_proto . ifname"),
        SetDeclaration(name: "outbound", type: "nf_proto . ifname"),
        // The host's addresses at which it serves names.
        SetDeclaration(name: "names4", type: "ipv4_addr"),
        SetDeclaration(name: "names6", type: "ipv6_addr"),
        SetDeclaration(name: "subnets4", type: "ifname . ipv4_addr", isInterval: true),
        SetDeclaration(name: "subnets6", type: "ifname . ipv6_addr", isInterval: true),
        // What follows is for overlay networks alone: see OverlayFirewall.
        SetDeclaration(name: "vnis", type: "integer"),
        SetDeclaration(name: "tunnels4", type: "ipv4_addr"),
        SetDeclaration(name: "tunnels6", type: "ipv6_addr"),
        SetDeclaration(name: "ingress4", type: "ifname : ipv4_addr"),
        SetDeclaration(name: "ingress6", type: "ifname : ipv6_addr"),
        SetDeclaration(name: "gateways4", type: "ifname . ipv4_addr"),
        SetDeclaration(name: "gateways6", type: "ifname . ipv6_addr"),
        SetDeclaration(name: "kept4", type: "ifname . ipv4_addr"),
        SetDeclaration(name: "kept6", type: "ifname . ipv6_addr"),
    ]

    struct Chain {
        let name: String
        /// `nil` for a chain that others jump to.
        let hook: String?
        let rules: [String]
    }

    static let chains = [
        // 127.0.0.0/8 is the host's alone, also where route_localnet lets it be routed. Each packet comes by here: what
        // most are told by stands first, and is what nft_do_chain compares without a call (net/netfilter/nf_tables_core.c).
        Chain(
            name: "raw", hook: "filter prerouting -300",
            rules: ["ip daddr 127.0.0.0/8 iifname != \"lo\" drop", "th dport 53 jump names"]),
        // A network's names are for itself and for the host: the server would tell them to whoever reaches its address.
        Chain(
            name: "names", hook: nil,
            rules: [
                "iifname \"lo\" return",
                "iifname . ip daddr @subnets4 return",
                "iifname . ip6 daddr @subnets6 return",
                "udp dport 53 ip daddr @names4 drop",
                "tcp dport 53 ip daddr @names4 drop",
                "udp dport 53 ip6 daddr @names6 drop",
                "tcp dport 53 ip6 daddr @names6 drop",
            ]),
        // Where names are served no published port 53 takes their questions.
        Chain(
            name: "served", hook: nil,
            rules: [
                "udp dport 53 ip daddr @names4 accept",
                "tcp dport 53 ip daddr @names4 accept",
                "udp dport 53 ip6 daddr @names6 accept",
                "tcp dport 53 ip6 daddr @names6 accept",
            ]),
        Chain(
            name: "published", hook: nil,
            rules: [
                "th dport 53 jump served",
                "dnat ip to ip daddr . meta l4proto . th dport map @ports4_address",
                "dnat ip to meta l4proto . th dport map @ports4",
                // Those of services lead to chains of their own, which choose a replica.
                "ip daddr . meta l4proto . th dport vmap @services4_address",
                // The kernel has no route_localnet for IPv6: ::1 cannot be translated. The forwarder listens there for
                // the ports that need it; at any other the kernel itself refuses at once.
                "ip6 daddr ::1 return",
                "dnat ip6 to ip6 daddr . meta l4proto . th dport map @ports6_address",
                "dnat ip6 to meta l4proto . th dport map @ports6",
                "ip6 daddr . meta l4proto . th dport vmap @services6_address",
                "meta nfproto . meta l4proto . th dport vmap @services",
            ]),
        Chain(name: "prerouting", hook: "nat prerouting -100", rules: ["fib daddr type local jump published"]),
        Chain(name: "output", hook: "nat output -100", rules: ["fib daddr type local jump published"]),
        Chain(
            name: "postrouting", hook: "nat postrouting 100",
            rules: [
                "ip saddr 127.0.0.0/8 oifname @bridges masquerade",
                // From the same network by way of the host's address: without this the answer would go round us.
                "ct status dnat oifname . ip saddr @subnets4 masquerade",
                "oifname . ip saddr @subnets4 return",
                "ct status dnat oifname . ip6 saddr @subnets6 masquerade",
                "oifname . ip6 saddr @subnets6 return",
                "snat ip to iifname map @snat4",
                "snat ip6 to iifname map @snat6",
                "meta nfproto . iifname @outbound masquerade",
            ]),
        Chain(name: "icc", hook: nil, rules: ["ct status dnat accept", "drop"]),
        Chain(
            name: "forward", hook: "filter forward 0",
            rules: [
                "ct state established,related accept",
                "iifname . oifname vmap @same",
                "iifname @closed drop",
                "oifname @closed drop",
                "iifname . oifname @trusted accept",
                "ct status dnat accept",
                "meta nfproto . oifname @unprotected accept",
                "ip daddr . meta l4proto . th dport @open4 accept",
                "ip6 daddr . meta l4proto . th dport @open6 accept",
                "meta nfproto . oifname @routed icmp type echo-request accept",
                "meta nfproto . oifname @routed icmpv6 type echo-request accept",
                "oifname @bridges drop",
            ]),
    ]

    /// The frame's objects, parents first. The kernel does not let go of a set that rules name, so another declaration
    /// of a set means another table: in one transaction, like all else here.
    static func objects() -> [KernelObject] {
        let owner = ResourceID.host("firewall")
        let declarations = sets.map { "\($0.name): \($0.type)" + ($0.isInterval ? " interval" : "") }.sorted()
        let table = KernelObject(.firewallTable, owner: owner, fields: [Field(.sets, .list(declarations))])
        return [table] + objects(chains)
    }

    /// Chains, in an order in which none comes before one that it leads to.
    static func objects(_ chains: [Chain]) -> [KernelObject] {
        let owner = ResourceID.host("firewall")
        return chains.map { chain in
            var fields = [Field(.rules, .list(chain.rules))]
            if let hook = chain.hook { fields.insert(Field(.hook, .string(hook)), at: 0) }
            return KernelObject(
                .firewallChain(chain.name), owner: owner, fields: fields, hangsOn: [.firewallTable],
                after: chain.rules.compactMap(target))
        }
    }

    /// The chain that a rule or verdict leads to: it must be there first.
    private static func target(_ rule: String) -> ObjectID? {
        // Most are an address and a port.
        guard rule.utf8.contains(UInt8(ascii: " ")) else { return nil }
        let words = rule.split(separator: " ")
        guard let index = words.firstIndex(where: { $0 == "jump" || $0 == "goto" }), index + 1 < words.count else {
            return nil
        }
        return .firewallChain(String(words[index + 1]))
    }

    /// An element of one of the sets.
    static func element(
        _ set: String, _ key: [String], target: String? = nil, owner: ResourceID, source: SourcePosition?
    ) -> KernelObject {
        KernelObject(
            FirewallElement(set: set, key: key).id, owner: owner,
            fields: target.map { [Field(.target, .string($0))] } ?? [], hangsOn: [.firewallTable],
            after: target.flatMap(Self.target).map { [$0] } ?? [], source: source)
    }
}
