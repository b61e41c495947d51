import Foundation
import Model
import Testing

/// Three hosts as nodes, each on a subnet of its own, and a router between: no packet of one reaches another but routed.
///
/// What the nodes know of each other, which is the control plane's business, is written here.
final class OverlayFleet {
    /// The family of the network between the nodes.
    enum Underlay: String, CaseIterable {
        case ipv4, ipv6

        func address(_ number: Int) -> String { self == .ipv4 ? "192.0.\(number).2" : "2001:db8:\(number)::2" }
        func gateway(_ number: Int) -> String { self == .ipv4 ? "192.0.\(number).1" : "2001:db8:\(number)::1" }
        var length: Int { self == .ipv4 ? 24 : 64 }
        var option: String { self == .ipv4 ? "-4" : "-6" }
    }

    /// An endpoint: the node's number, and its addresses.
    struct Member {
        var node: Int
        var addresses: [String]
        /// Whether its node says that it is well.
        var isReady = true
    }

    static let size = 3
    let underlay: Underlay
    let nodes: [TestHost]
    let router: TestHost
    /// Containers on the network `over`, by name.
    var members: [String: Member] = [:]
    /// The nodes' own addresses there.
    var ingress: [Int: [String]] = [:]
    /// The nodes that live.
    var live: Set<Int> = [1, 2, 3]

    init(_ underlay: Underlay, nodes: [TestHost], router: TestHost) throws {
        self.underlay = underlay
        self.nodes = nodes
        self.router = router
        for number in 1...Self.size { try router.lead(to: node(number), number, underlay) }
        try router.sh(
            "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; sleep 0.1")
    }

    func node(_ number: Int) -> TestHost { nodes[number - 1] }

    /// The MAC that an IPv4 endpoint has (02:42 and the four bytes).
    static func mac(_ address: String) -> String {
        "02:42:" + address.split(separator: ".").map { String(format: "%02x", Int($0) ?? 0) }.joined(separator: ":")
    }

    /// The MAC that a node's bridge has.
    static func bridgeMAC(_ node: Int) -> String {
        MACAddress(bits: 0x06 << 40 | StableHash.of("bridge/over/n\(node)") & 0xff_ffff_ffff).description
    }

    /// Writes what a node knows; answers with the file.
    func facts(of number: Int) throws -> String {
        var remote: [[String: Any]] = []
        for (name, member) in members.sorted(by: { $0.key < $1.key }) where member.node != number {
            remote.append([
                "container": name, "node": "n\(member.node)", "addresses": member.addresses,
                "mac": Self.mac(member.addresses[0]), "ready": member.isReady,
            ])
        }
        for (other, addresses) in ingress.sorted(by: { $0.key < $1.key }) where other != number {
            remote.append(["node": "n\(other)", "addresses": addresses, "mac": Self.bridgeMAC(other)])
        }
        let own = members.filter { $0.value.node == number }
        var replicas: [String: [Int]] = [:]
        for name in own.keys.sorted() {
            let parts = name.split(separator: ".")
            if parts.count == 2, let number = Int(parts[1]) { replicas[String(parts[0]), default: []].append(number) }
        }
        let json: [String: Any] = [
            "node": "n\(number)",
            "nodes": live.sorted().map { ["name": "n\($0)", "tunnel": underlay.address($0)] },
            "claimed": Dictionary(uniqueKeysWithValues: own.map { ("\($0.key)/over", $0.value.addresses) }),
            "ingress": ingress[number].map { ["over": $0] } ?? [:], "remote": ["over": remote],
            "replicas": replicas,
        ]
        let file = "\(node(number).directory)/fleet.json"
        try JSONSerialization.data(withJSONObject: json).write(to: URL(filePath: file))
        return file
    }

    /// Lets the engine of a node plan or apply.
    @discardableResult
    func run(_ number: Int, _ what: String = "apply", source: SourceLocation = #_sourceLocation) throws -> CommandResult
    {
        try node(number).overlayNode(what, facts: try facts(of: number))
    }

    /// Applies on all nodes.
    func apply(source: SourceLocation = #_sourceLocation) throws {
        for number in live.sorted() {
            let result = try run(number)
            try #require(result.code == 0, "n\(number): \(result)", sourceLocation: source)
        }
    }

    /// Expects that no node has anything left to do, and that saying so writes nothing.
    func expectConverged(source: SourceLocation = #_sourceLocation) throws {
        for number in live.sorted() {
            let result = try run(number)
            #expect(result.code == 0 && result.operations.isEmpty, "n\(number): \(result)", sourceLocation: source)
            #expect(result.text.contains("writes 0"), "n\(number): \(result)", sourceLocation: source)
        }
    }
}

extension CommandResult {
    /// The operations that `overlay-node` printed.
    var operations: [String] {
        text.lines.map { String($0) }.filter { line in
            ["create ", "update ", "replace ", "delete "].contains { line.hasPrefix($0) }
        }
    }
}

extension TestHost {
    /// As a router: a subnet of its own for a host, which has this one as its way to everything else.
    func lead(to host: TestHost, _ number: Int, _ underlay: OverlayFleet.Underlay) throws {
        let nodad = underlay == .ipv6 ? "nodad" : ""
        try sh(
            """
            set -e
            ip link add to\(number) type veth peer name eth0 netns \(host.holderPID)
            echo 0 > /proc/sys/net/ipv6/conf/to\(number)/accept_dad
            ip link set to\(number) up
            ip address add \(underlay.gateway(number))/\(underlay.length) dev to\(number) \(nodad)
            """)
        try host.sh(
            """
            set -e
            echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad
            ip link set eth0 up
            ip address add \(underlay.address(number))/\(underlay.length) dev eth0 \(nodad)
            ip \(underlay.option) route add default via \(underlay.gateway(number))
            """)
    }

    /// Runs the engine with facts of a fleet; `none`: without.
    func overlayNode(_ what: String, facts: String) throws -> CommandResult {
        let program = URL(filePath: binary).deletingLastPathComponent().appending(path: "overlay-node").path
        return try RunningCommand(arguments([program, what, data, facts, manifests], in: .host)).wait(.seconds(60))
    }
}

/// Gives `body` three nodes and a router between them, and takes them away after.
func withFleet(
    _ underlay: OverlayFleet.Underlay, bridged: Bool? = nil, _ body: (OverlayFleet) throws -> Void
) throws {
    // Some of these tests are long.
    let lifetime = Duration.seconds(1200)
    try withHost(lifetime: lifetime) { router in
        try withHost(lifetime: lifetime) { first in
            try withHost(lifetime: lifetime) { second in
                try withHost(lifetime: lifetime) { third in
                    let nodes = [first, second, third]
                    if let bridged {
                        for node in nodes {
                            try node.sh(
                                "for f in iptables ip6tables; do echo \(bridged ? 1 : 0) > /proc/sys/net/bridge/bridge-nf-call-$f; done"
                            )
                        }
                    }
                    try body(try OverlayFleet(underlay, nodes: nodes, router: router))
                }
            }
        }
    }
}
