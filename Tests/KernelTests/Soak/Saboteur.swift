import Glibc

/// Spoils what is ours, by chance.
struct Saboteur {
    private let host: TestHost
    private var random: SeededRandom
    /// The host's ends of the containers' links.
    private let links: [String: String]
    /// When each container's process may be killed again, in milliseconds: one that has not run for ten seconds waits
    /// ever longer for its next start.
    private var spared: [String: Int64] = [:]

    init(_ host: TestHost, seed: UInt64) throws {
        self.host = host
        random = SeededRandom(seed: seed)
        var links: [String: String] = [:]
        for (name, _) in SoakSite.linked { links[name] = try host.veth(name) }
        self.links = links
    }

    /// Something that nobody is told of.
    static let silent = bridge("br-blue", 33).last { $0.isSilent }!

    /// The next thing to do; `nil` where chance wants what cannot be done now.
    mutating func next(at now: Int64) -> Sabotage? {
        let (name, network) = SoakSite.linked.randomElement(using: &random)!
        let all: [Sabotage]
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5: all = Self.bridge("br-\(network)", 31 + SoakSite.networks.firstIndex(of: network)!)
        case 5..<9: all = outer(name, "br-\(network)")
        case 9..<13: all = inner(name, "br-\(network)")
        case 13..<17: all = Self.firewall
        case 17: all = Self.host
        case 18: all = Self.forwarder(try? host.forwarder())
        default: all = process(name, at: now)
        }
        guard let chosen = all.randomElement(using: &random) else { return nil }
        if chosen.field == "state" { spared[name] = now + 12_000 }
        return chosen
    }

    /// How long to wait before the next deed, in microseconds: in bursts, and with time to come to rest between them.
    mutating func pause() -> UInt32 {
        random.once(in: 4) ? 0 : .random(in: 30_000...700_000, using: &random)
    }

    /// A way to change the manifests, now and then.
    mutating func toggle() -> SoakSite.Toggle? {
        random.once(in: 15) ? SoakSite.Toggle.allCases.randomElement(using: &random) : nil
    }

    /// Whether it is time to kill the agent.
    mutating func kills() -> Bool { random.once(in: 30) }

    /// One half of a link's mark goes only while the other stands: a link that has lost both is a stranger's to an agent
    /// that starts, and stays as it is (see `OwnershipTests`).
    private static func wipeAlias(_ link: String) -> String {
        "! ip -o link show \(link) | grep -q 'group default' && ip link set \(link) alias ''"
    }

    private static func wipeGroup(_ link: String) -> String {
        "ip -o link show \(link) | grep -q 'alias reconcile' && ip link set \(link) group default"
    }

    private static func bridge(_ bridge: String, _ number: Int) -> [Sabotage] {
        func on(_ script: String, _ object: String, _ field: String? = nil, isSilent: Bool = false) -> Sabotage {
            Sabotage(
                script: script.replacing("BR", with: bridge), place: .host,
                objects: [object.replacing("BR", with: bridge)],
                field: field, ancestors: ["link \(bridge)"], parts: [bridge], isSilent: isSilent)
        }
        let ipv4 = "10.\(number).0.1/24"
        let ipv6 = "fd00:\(number)::1/64"
        return [
            on("ip link set BR mtu 1400", "link BR", "mtu"),
            on("ip link set BR down", "link BR", "up"),
            on("ip link set BR address 02:00:00:00:00:01", "link BR", "mac"),
            on(Self.wipeAlias("BR"), "link BR", "alias"),
            on(Self.wipeGroup("BR"), "link BR", "group"),
            on("ip link del BR", "link BR"),
            on("ip address del \(ipv4) dev BR", "address \(ipv4) on BR"),
            on("ip address del \(ipv6) dev BR", "address \(ipv6) on BR"),
            on("echo 0 > /proc/sys/net/ipv4/conf/BR/forwarding", "sysctl net/ipv4/conf/BR/forwarding", "value"),
            on(
                "echo 0 > /proc/sys/net/ipv4/conf/BR/route_localnet", "sysctl net/ipv4/conf/BR/route_localnet", "value",
                isSilent: true),
        ]
    }

    /// The host's end of a link.
    private func outer(_ name: String, _ bridge: String) -> [Sabotage] {
        let veth = links[name]!
        return [
            ("ip link set VETH mtu 1300", "mtu"), ("ip link set VETH down", "up"),
            ("ip link set VETH nomaster", "master"), ("bridge link set dev VETH hairpin off", "hairpin"),
            ("bridge link set dev VETH isolated on", "isolated"), (Self.wipeAlias("VETH"), "alias"),
            (Self.wipeGroup("VETH"), "group"), ("ip link del VETH", nil),
        ].map { script, field in
            Sabotage(
                script: script.replacing("VETH", with: veth), place: .host,
                objects: field == nil ? ["link \(veth)", "link eth0 in \(name)"] : ["link \(veth)"], field: field,
                ancestors: ["link eth0 in \(name)", "sandbox \(name)", "link \(bridge)"], parts: [name, bridge])
        }
    }

    /// What is in a sandbox, and the sandbox.
    private func inner(_ name: String, _ bridge: String) -> [Sabotage] {
        let isFirst = SoakSite.linked.first { "br-\($0.network)" == bridge }?.name == name
        func inside(_ script: String, _ objects: [String], _ field: String? = nil, place: TestHost.Place? = nil)
            -> Sabotage
        {
            Sabotage(
                script: script, place: place ?? .sandbox(name), objects: objects, field: field,
                ancestors: ["link eth0 in \(name)", "sandbox \(name)", "link \(links[name]!)"], parts: [name])
        }
        let link = ["link eth0 in \(name)"]
        let sandbox = ["sandbox \(name)"]
        return [
            inside("ip link set eth0 mtu 1300", link, "mtu"),
            inside("ip link set eth0 address 02:00:00:00:00:02", link, "mac"),
            inside("ip link set eth0 alias ''", link, "alias"),
            inside("ip link set eth0 down", link, "up"),
            inside("ip link del eth0", link),
            inside("ip -4 address flush dev eth0", ["address 10.*"]),
            inside("ip -6 address flush dev eth0 scope global", ["address fd00:*"]),
            inside("ip route del default", ["route default on eth0 in \(name)"]),
            inside("ip -6 route del default", ["route default6 on eth0 in \(name)"]),
            inside("ip link set lo down", sandbox, "loopback"),
            inside("umount /run/netns/reconcile-\(name)", sandbox, "bound", place: .host),
            inside(
                isFirst ? "ip netns del reconcile-\(name)" : "umount /run/netns/reconcile-\(name)", sandbox, "bound",
                place: .host),
        ]
    }

    private static let firewall: [Sabotage] = [
        ("nft delete element inet reconcile ports4 '{ tcp . 8081 }'", "firewall port 8081/tcp", nil),
        (
            "nft 'delete element inet reconcile ports4 { tcp . 8081 }; add element inet reconcile ports4 { tcp . 8081 : 10.31.0.99 . 81 }'",
            "firewall port 8081/tcp", "target"
        ),
        (
            "nft delete element inet reconcile subnets4 '{ \"br-red\" . 10.31.0.0/24 }'",
            "firewall subnets4 br-red . 10.31.0.0/24", nil
        ),
        ("nft flush chain inet reconcile forward", "firewall chain forward", "rules"),
        ("nft insert rule inet reconcile raw accept", "firewall chain raw", "rules"),
        ("nft add element inet reconcile bridges '{ \"br-old\" }'", "firewall bridges br-old", nil),
        ("nft add chain inet reconcile extra", "firewall chain extra", nil),
        ("nft delete table inet reconcile", "firewall *", nil),
        ("nft flush ruleset", "firewall *", nil),
    ].map { script, object, field in
        Sabotage(
            script: script, place: .host, objects: [object], field: field,
            ancestors: ["firewall table", "firewall chain forward", "firewall chain raw"], parts: ["firewall"])
    }

    private static let host = [
        Sabotage(
            script: "echo 0 > /proc/sys/net/ipv4/conf/up1/forwarding", place: .host,
            objects: ["sysctl net/ipv4/conf/up1/forwarding"], field: "value", parts: ["host"]),
        Sabotage(
            script:
                "ip link add br-old type bridge && ip link set br-old group 0x7263 alias 'reconcile:1 default network/old'",
            place: .host, objects: ["link br-old"], field: nil, parts: ["host"]),
    ]

    private static func forwarder(_ pid: Int32??) -> [Sabotage] {
        guard let pid = pid ?? nil else { return [] }
        return [
            Sabotage(
                script: "kill -KILL \(pid)", place: .host, objects: ["forwarder [::1]"], field: nil,
                parts: ["forwarder"]),
            Sabotage(
                script: "kill -STOP \(pid)", place: .host, objects: ["forwarder [::1]"], field: "state",
                parts: ["forwarder"], isSilent: true),
        ]
    }

    private func process(_ name: String, at now: Int64) -> [Sabotage] {
        guard spared[name] ?? 0 <= now, let pid = try? host.pid(name) else { return [] }
        return [pid, try? host.parent(of: pid)].compactMap { $0 }.map { victim in
            Sabotage(
                script: "kill -KILL \(victim)", place: .host, objects: ["process \(name)"], field: "state",
                ancestors: ["sandbox \(name)"], parts: [name])
        }
    }
}
