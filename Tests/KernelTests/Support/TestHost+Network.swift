import Glibc

/// A host beside the one under test.
struct Peer {
    let name: String
    /// Its own addresses, and those of the host under test on the link between them.
    let ipv4: String
    let hostIPv4: String
    let ipv6: String
    let hostIPv6: String

    var place: TestHost.Place { .peer(name) }
}

/// What became of asking for a page.
struct Page {
    let code: Int32
    let text: String
    let errors: String

    /// curl's exit codes: what is not refused at once takes longer than curl waits, which is another one.
    var isRefused: Bool { code == 7 && errors.contains("Connection refused") }
    var isUnreachable: Bool { code == 28 || (code == 7 && !isRefused) }
}

extension TestHost {
    /// Joins another host to this one by a link, on `10.99.NUMBER.0/24` and `fd99:NUMBER::/64`.
    ///
    /// `via` gives it a default route over this host, as a client's router has one; without it only the link's own
    /// subnet is known.
    func connect(_ name: String, number: Int, usesAsRouter: Bool = false) throws -> Peer {
        let peer = Peer(
            name: name, ipv4: "10.99.\(number).2", hostIPv4: "10.99.\(number).1", ipv6: "fd99:\(number)::2",
            hostIPv6: "fd99:\(number)::1")
        try sh(
            """
            set -e
            ip netns add \(name)
            ip link add up\(number) type veth peer name eth0 netns \(name)
            echo 0 > /proc/sys/net/ipv6/conf/up\(number)/accept_dad
            ip link set up\(number) up
            ip address add \(peer.hostIPv4)/24 dev up\(number)
            ip address add \(peer.hostIPv6)/64 dev up\(number) nodad
            """)
        try sh(
            """
            set -e
            ip link set lo up
            echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad
            ip link set eth0 up
            ip address add \(peer.ipv4)/24 dev eth0
            ip address add \(peer.ipv6)/64 dev eth0 nodad
            """, in: peer.place)
        if usesAsRouter {
            try sh(
                "ip route add default via \(peer.hostIPv4); ip -6 route add default via \(peer.hostIPv6)",
                in: peer.place)
        }
        try awaitUp((.host, "up\(number)"), (peer.place, "eth0"))
        return peer
    }

    /// Waits until links are up for the kernel, too, with a link-local address of its own each: it sees to both at leisure.
    func awaitUp(_ links: (place: Place, name: String)...) throws {
        for link in links {
            let isUp = try eventually(within: .seconds(30)) {
                try sh("ip -o link show \(link.name)", in: link.place).contains("state UP")
                    && sh("ip -6 -o address show dev \(link.name) scope link", in: link.place).contains("fe80:")
            }
            guard isUp else { throw Failure("the link \(link.name) of \(link.place) does not come up") }
        }
    }

    /// Asks for a page; without a path, for the client's address as the server sees it.
    func http(
        _ server: String, _ path: String = "/cgi-bin/client", from place: Place = .host, patience: Int = 1
    ) throws -> Page {
        let result = try attempt(
            "curl -gsSv --noproxy '*' --connect-timeout \(patience) -m \(patience + 1) 'http://\(server)\(path)'",
            in: place)
        // busybox's httpd listens on one socket for both families.
        let text = result.text.replacing("::ffff:", with: "").filter { $0 != "[" && $0 != "]" }
        return Page(code: result.code, text: text, errors: result.errors)
    }

    /// The client's address as a server sees it; `nil` where it does not answer.
    func client(of server: String, from place: Place = .host, patience: Int = 10) throws -> String? {
        let page = try http(server, from: place, patience: patience)
        return page.code == 0 ? page.text : nil
    }

    /// Waits until a server answers its own host: httpd takes a moment to listen after its start.
    func awaitHTTP(_ server: String, from place: Place = .host) throws {
        var last: Page?
        let isThere = try eventually(within: .seconds(30)) {
            last = try http(server, "/", from: place, patience: 1)
            return last?.code == 0
        }
        guard isThere else { throw Failure("no page from \(server): \(last?.errors ?? "")") }
    }

    /// Serves datagrams in a place: each is answered by `NAME sees CLIENT`.
    func serveDatagrams(port: Int, name: String, in place: Place) throws {
        let family = "UDP6-RECVFROM:\(port),fork,reuseaddr,ipv6only=0"
        _ = try start(#"socat '\#(family)' 'SYSTEM:"read line; echo \#(name) sees $SOCAT_PEERADDR"'"#, in: place)
        guard try eventually({ try attempt("ss -Hlun 'sport = :\(port)'", in: place).text.contains(":\(port)") }) else {
            throw Failure("no server of datagrams on port \(port)")
        }
    }

    /// Sends a datagram and answers with what comes back; `nil` where nothing does, as often as it is tried. `sourcePort`
    /// is the client's port.
    func datagram(
        _ server: String, port: Int, from place: Place = .host, sourcePort: Int? = nil, tries: Int = 5
    ) throws -> String? {
        let isIPv6 = server.contains(":")
        let target = isIPv6 ? "UDP6:[\(server)]:\(port)" : "UDP4:\(server):\(port)"
        let source = sourcePort.map { ",sourceport=\($0),reuseaddr" } ?? ""
        for _ in 0..<tries {
            let result = try attempt("echo hello | socat -t 1 -T 1 - '\(target)\(source)'", in: place)
            guard let client = result.text.split(separator: " ").last, result.text.contains(" sees ") else { continue }
            return result.text.replacing(client, with: Self.address(String(client)))
        }
        return nil
    }

    /// socat writes all groups of an IPv6 address out, and IPv4 ones as mapped.
    private static func address(_ text: String) -> String {
        let groups = text.filter { $0 != "[" && $0 != "]" }.split(separator: ":").compactMap { UInt16($0, radix: 16) }
        guard groups.count == 8 else { return text }
        if groups[..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xffff {
            return "\(groups[6] >> 8).\(groups[6] & 0xff).\(groups[7] >> 8).\(groups[7] & 0xff)"
        }
        var bytes = groups.map(\.bigEndian)
        var buffer = [CChar](repeating: 0, count: 64)
        inet_ntop(AF_INET6, &bytes, &buffer, 64)
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Starts a registry on this host's loopback; answers with its address.
    func registry() throws -> (address: String, server: RunningCommand) {
        let configuration = directory + "/registry.yml"
        try Files.write(
            """
            version: 0.1
            log: { level: error }
            storage: { filesystem: { rootdirectory: \(directory)/registry } }
            http: { addr: 127.0.0.1:5000 }

            """, to: configuration)
        let server = try start("docker-registry serve \(configuration)")
        guard try eventually(within: .seconds(30), { try http("127.0.0.1:5000", "/v2/").code == 0 }) else {
            throw Failure("the registry does not start")
        }
        return ("127.0.0.1:5000", server)
    }

    /// Waits until the kernel has come to rest with links and addresses of its own: it opens links and looks for
    /// duplicates of link-local addresses at leisure, and tells.
    func awaitAddresses(of places: [Place] = [.host]) throws {
        for place in places {
            let isDone = try eventually(within: .seconds(20)) {
                guard try hasOwnAddress(place), try sh("ip -6 address show tentative", in: place) == "" else {
                    return false
                }
                let links = try sh("ip -o link", in: place).lines
                return !links.contains { $0.contains("LOWER_UP") && $0.contains("state DOWN") }
            }
            guard isDone else { throw Failure("addresses of \(place) stay tentative") }
        }
    }

    /// Whether a sandbox's `eth0` has its link-local address, where it is to get one: before that none is tentative.
    private func hasOwnAddress(_ place: Place) throws -> Bool {
        guard case .sandbox = place else { return true }
        let settings = try attempt(
            "cd /proc/sys/net/ipv6/conf/eth0 && cat disable_ipv6 addr_gen_mode", in: place
        ).output.lines
        // The mode 1 makes none (`IN6_ADDR_GEN_MODE_NONE` of linux/if_link.h).
        guard settings.count == 2, settings[0] == "0", settings[1] != "1" else { return true }
        return try sh("ip -6 -o address show dev eth0 scope link", in: place).contains("fe80:")
    }

    func pings(_ address: String, from place: Place = .host) throws -> Bool {
        try attempt("busybox ping -c 1 -W 1 \(address)", in: place).isSuccess
    }
}
