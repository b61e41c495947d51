import Testing

/// Strict reverse-path filtering (RFC 3704) on every link: a packet is dropped that comes in where its answer would not
/// go out.
@Suite(.serialized, .kernel) struct StrictFilterTests {
    @Test(arguments: [true, false]) func everythingWorks(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            try host.sh("for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 > $f; done")
            let client = try host.connect("client", number: 1, usesAsRouter: true)
            try host.serveDatagrams(port: 7, name: "outside", in: client.place)
            try host.write(
                Manifest.network("front", dual(20)), Manifest.network("back", dual(21)),
                host.container("web", "networks: [front]", "ports: ['8080:80', '127.0.0.1:9090:80']"),
                host.container("near", command: ["sleep", "600"], "networks: [front]"),
                host.container("far", command: ["sleep", "600"], "networks: [back]"))
            try host.apply()
            try host.sh("for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 > $f; done")
            #expect(try host.sh("cat /proc/sys/net/ipv4/conf/br-front/rp_filter") == "1")
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:8080")
            // From outside, from the host by each address, from the container itself, its neighbour and another network.
            #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
            #expect(try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6)
            #expect(try host.client(of: "127.0.0.1:9090") == "10.20.0.1")
            #expect(try host.http("\(client.hostIPv4):8080", patience: 10).code == 0)
            for place in ["web", "near", "far"] {
                let page = try host.http("\(client.hostIPv4):8080", from: .sandbox(place), patience: 10)
                #expect(page.code == 0, "\(place)")
            }
            #expect(
                try host.datagram(client.ipv4, port: 7, from: .sandbox("near")) == "outside sees \(client.hostIPv4)")
            #expect(
                try host.datagram(client.ipv6, port: 7, from: .sandbox("near")) == "outside sees \(client.hostIPv6)")
        }
    }
}
