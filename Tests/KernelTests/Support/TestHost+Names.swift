import Foundation
import Testing

/// What a name server said.
struct NameAnswer: CustomStringConvertible {
    /// `NOERROR`, `NXDOMAIN`; `none` where nobody answered.
    let status: String
    /// The records' data, sorted.
    let records: [String]
    let took: Duration

    var description: String { "\(status) \(records) after \(took)" }
}

extension TestHost {
    /// Asks a name server, once, and waits so many seconds for its answer.
    func dig(
        _ name: String, _ type: String = "A", at server: String, from place: Place = .host, tcp: Bool = false,
        patience: Int = 5
    ) throws -> NameAnswer {
        let question = type == "PTR" ? "-x \(name)" : "\(name) \(type)"
        let result = try attempt(
            "dig +time=\(patience) +tries=1 +noall +answer +comments \(tcp ? "+tcp" : "+notcp") @\(server) \(question)",
            in: place)
        let lines = result.text.lines
        let status = lines.first { $0.contains("status: ") }?.split(separator: "status: ").last?
            .prefix { $0 != "," }
        let records = lines.filter { !$0.hasPrefix(";") && !$0.isEmpty }
            .compactMap { $0.split(whereSeparator: \.isWhitespace).last.map(String.init) }
        return NameAnswer(status: status.map(String.init) ?? "none", records: records.sorted(), took: result.took)
    }

    /// The addresses that a container finds by a name, asking as a program in it would: the server of its
    /// /etc/resolv.conf.
    func lookup(_ name: String, _ type: String = "A", in container: String) throws -> [String] {
        let resolver = try reconcile("exec", container, "--", "cat", "/etc/resolv.conf").output.lines
        guard let server = resolver.first(where: { $0.hasPrefix("nameserver ") })?.dropFirst(11) else { return [] }
        return try dig(name, type, at: String(server), from: .sandbox(container)).records
    }

    /// A resolver on a host beside this one: it knows what ends in `.test`, by one address, and says so of nothing else.
    /// What it was asked is in the file that this answers with.
    func resolver(in peer: Peer, answer: String) throws -> String {
        let (script, log) = ("\(directory)/\(peer.name).pl", "\(directory)/\(peer.name).asked")
        try Files.write(
            #"""
            use IO::Socket::INET;
            my $socket = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => 53, Proto => "udp") or die $!;
            while (defined(my $client = $socket->recv(my $packet, 1500))) {
                my ($place, @labels) = (12);
                while (my $length = ord(substr($packet, $place, 1))) {
                    push @labels, substr($packet, $place + 1, $length);
                    $place += $length + 1;
                }
                my $name = join(".", @labels);
                open(my $log, ">>", $ARGV[2]); print $log "$name\n"; close($log);
                my $type = unpack("n", substr($packet, $place + 1, 2));
                my $known = $name =~ /\.test$/;
                my $count = $known && $type == 1 ? 1 : 0;
                my $answer = pack("nnnnnn", unpack("n", $packet), $known ? 0x8180 : 0x8183, 1, $count, 0, 0)
                    . substr($packet, 12, $place + 5 - 12);
                $answer .= pack("nnnNn", 0xc00c, 1, 1, 60, 4) . pack("C4", split(/\./, $ARGV[1])) if $count;
                $socket->send($answer, 0, $client);
            }
            """#, to: script)
        try Files.write("", to: log)
        _ = try start("perl \(script) \(peer.ipv4) \(answer) \(log)", in: peer.place)
        let listens = try eventually { try sh("ss -Hlun 'sport = :53'", in: peer.place).contains(":53") }
        guard listens else { throw Failure("the resolver does not start") }
        return log
    }

    /// Gives the host name servers.
    func useResolvers(_ addresses: String...) throws {
        let file = directory + "/resolv.conf"
        let isNew = !Files.exists(file)
        try Files.write(addresses.map { "nameserver \($0)\n" }.joined(), to: file)
        if isNew { try sh("mount --bind \(file) /etc/resolv.conf") }
    }

    /// The servers of names that run, by what they serve.
    func nameServers() throws -> [String: Int32] {
        var found: [String: Int32] = [:]
        for server in ["names", "nowhere"] {
            let groups = cgroups.filter { $0.hasSuffix("/dns/\(server)") }
            var pids: Set<Int32> = []
            // One that starts is two for a moment: it forks, and the first one ends.
            let isAlone = eventually {
                pids = Set(groups.flatMap { Files.read($0 + "/cgroup.procs").lines.compactMap { Int32($0) } })
                return pids.count <= 1
            }
            guard isAlone else { throw Failure("several servers of names: \(pids)") }
            found[server] = pids.first
        }
        return found
    }
}
