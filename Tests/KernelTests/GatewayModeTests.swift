import Testing

/// What `bridge.gatewayMode` makes of packets in and out.
@Suite(.serialized, .kernel) struct GatewayModeTests {
    /// What a mode does.
    struct Mode: Sendable, CustomTestStringConvertible {
        let name: String
        /// How a server outside sees a container: by the host's address or its own; `nil`: not at all.
        let seenAs: String?
        /// Whether a neighbour who routes to the container reaches a published port of it, one that is not, and pings.
        let reachesPublished: Bool
        let reachesUnpublished: Bool
        let pings: Bool
        /// Whether the port is published on the host's addresses.
        let isPublishedOnHost: Bool

        var testDescription: String { name }
    }

    static let modes = [
        Mode(
            name: "nat", seenAs: "host", reachesPublished: false, reachesUnpublished: false, pings: false,
            isPublishedOnHost: true),
        Mode(
            name: "nat-unprotected", seenAs: "host", reachesPublished: true, reachesUnpublished: true, pings: true,
            isPublishedOnHost: true),
        Mode(
            name: "routed", seenAs: "own", reachesPublished: true, reachesUnpublished: false, pings: true,
            isPublishedOnHost: false),
        Mode(
            name: "isolated", seenAs: nil, reachesPublished: false, reachesUnpublished: false, pings: false,
            isPublishedOnHost: false),
    ]

    @Test(arguments: modes, [true, false]) func packetsInAndOut(_ mode: Mode, bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let peer = try host.connect("router", number: 1, usesAsRouter: true)
            try host.serveDatagrams(port: 7, name: "outside", in: peer.place)
            let isIsolated = mode.name == "isolated"
            try host.write(
                Manifest.network(
                    "front", "subnets: [{ subnet: 10.20.0.0/24 }, { subnet: 'fd00:20::/64' }]",
                    "bridge: { gatewayMode: \(mode.name) }", "internal: \(isIsolated)"),
                host.container("web", "networks: [front]", isIsolated ? "ports: []" : "ports: ['8080:80']"),
                host.container("near", command: ["httpd", "-f", "-p", "82", "-h", "/www"], "networks: [front]"))
            try host.apply()
            try host.expectConverged()
            let ipv4 = try host.address("web")
            let ipv6 = try host.address("web", "ipv6")
            try host.awaitHTTP("\(ipv4):80", from: .sandbox("near"))
            try host.awaitHTTP("[\(ipv6)]:80", from: .sandbox("near"))
            let near = try host.address("near")

            let tries = mode.seenAs == nil ? 1 : 5
            let seen = try host.datagram(peer.ipv4, port: 7, from: .sandbox("web"), tries: tries)
            let seen6 = try host.datagram(peer.ipv6, port: 7, from: .sandbox("web"), tries: tries)
            switch mode.seenAs {
            case "host":
                #expect(seen == "outside sees \(peer.hostIPv4)")
                #expect(seen6 == "outside sees \(peer.hostIPv6)")
            case "own":
                #expect(seen == "outside sees \(ipv4)")
                #expect(seen6 == "outside sees \(ipv6)")
            default:
                #expect(seen == nil)
                #expect(seen6 == nil)
            }
            func patience(_ answers: Bool) -> Int { answers ? 10 : 1 }
            for (server, port) in [("\(ipv4)", 80), ("[\(ipv6)]", 80)] {
                let page = try host.http(
                    "\(server):\(port)", from: peer.place, patience: patience(mode.reachesPublished))
                #expect((page.code == 0) == mode.reachesPublished, "\(server) \(page)")
                // The client keeps its address.
                if mode.reachesPublished { #expect(page.text == (server == ipv4 ? peer.ipv4 : peer.ipv6)) }
            }
            let unpublished = try host.http(
                "\(near):82", from: peer.place, patience: patience(mode.reachesUnpublished))
            #expect((unpublished.code == 0) == mode.reachesUnpublished, "\(unpublished)")
            #expect(
                try mode.pings ? host.awaitPing(ipv4, from: peer.place) : !host.pings(ipv4, from: peer.place))
            let published = try host.http(
                "\(peer.hostIPv4):8080", from: peer.place, patience: patience(mode.isPublishedOnHost))
            #expect((published.code == 0) == mode.isPublishedOnHost, "\(published)")
            // Where the ports are open is what commands say.
            let open = ["80/tcp -> \(ipv4):80", "80/tcp -> [\(ipv6)]:80"]
            let onHost = ["80/tcp -> 0.0.0.0:8080", "80/tcp -> [::]:8080"]
            let shown = isIsolated ? [] : mode.isPublishedOnHost ? onHost : open
            #expect(try host.reconcile("port", "web").output.lines.sorted() == shown.sorted())
            #expect(try host.inspect("container/web")["ports"]?.array?.count == shown.count)
            for path in [[], [host.manifests]] {
                let graph = try host.reconcile(["graph"] + path).output
                #expect(graph.contains("8080 → 80/tcp") == mode.isPublishedOnHost, "\(graph)")
                #expect(graph.contains("\(ipv4):80 → 80/tcp") == (mode.name == "routed"), "\(graph)")
            }
            if isIsolated {
                #expect(
                    try host.sh(
                        "ip -o -4 address show dev br-front; ip -o -6 address show dev br-front | grep fd; true")
                        == "", "the host has no address on an isolated network")
            }
        }
    }
}
