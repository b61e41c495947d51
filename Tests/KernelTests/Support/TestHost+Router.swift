import Testing

extension TestHost {
    /// A router advertisement (RFC 4861, section 4.2) on a link, from its link-local address to all nodes. The kernel adds
    /// the checksum to what is sent on a raw ICMPv6 socket, and the receiver wants it from a hop away: 255.
    private static let router = #"""
        use strict; use Socket;
        my ($link, $lifetime) = @ARGV;
        socket(my $socket, Socket::AF_INET6, SOCK_RAW, 58) or die "socket: $!";
        setsockopt($socket, SOL_SOCKET, 25, "$link\0") or die "SO_BINDTODEVICE: $!";
        setsockopt($socket, 41, 18, 255) or die "IPV6_MULTICAST_HOPS: $!";
        my $all = Socket::pack_sockaddr_in6(0, Socket::inet_pton(Socket::AF_INET6, 'ff02::1'));
        defined send($socket, pack('CCnCCnNN', 134, 0, 0, 64, 0, $lifetime, 0, 0), 0, $all) or die "send: $!";
        """#

    /// Has a router say that it is one for so many seconds, or with 0 that it is none any more, out of a link of its own.
    func advertise(_ lifetime: Int, from place: Place, on link: String = "eth0") throws {
        let script = directory + "/router.pl"
        try Files.write(Self.router, to: script)
        try sh("perl \(script) \(link) \(lifetime)", in: place)
    }

    /// The default routes that this host has by router advertisement, by link.
    func advertisedRoutes() throws -> [String] {
        try sh("ip -6 route show default proto ra").lines.compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            return words.firstIndex(of: "dev").map { words[$0 + 1] }
        }.sorted()
    }
}
