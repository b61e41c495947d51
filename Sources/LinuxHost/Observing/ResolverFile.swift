import Model

/// The host's resolver configuration as containers can use it (resolv.conf(5)).
enum ResolverFile {
    /// systemd-resolved's file with the real servers comes first where the usual one names only its stub.
    static func read() -> DNSOptions {
        let usual = parse(SmallFile.read("/etc/resolv.conf") ?? "")
        guard usual.servers.isEmpty, let real = SmallFile.read("/run/systemd/resolve/resolv.conf") else { return usual }
        return parse(real)
    }

    /// The name servers of /etc/resolv.conf, all of them; `nil` where it cannot be read.
    static func servers() -> [String]? { SmallFile.read("/etc/resolv.conf").map(servers) }

    static func servers(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            return words.count > 1 && words[0] == "nameserver" ? String(words[1]) : nil
        }
    }

    /// Name servers at loopback addresses are left out: in a sandbox they would be the sandbox's own.
    static func parse(_ text: String) -> DNSOptions {
        var options = DNSOptions()
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let keyword = words.first else { continue }
            switch keyword {
            case "nameserver":
                if let server = words.dropFirst().first.flatMap({ IPAddress($0) }), !server.isLoopback {
                    options.servers.append(server)
                }
            case "search", "domain": options.search = Array(words.dropFirst())
            case "options": options.options += words.dropFirst()
            default: break
            }
        }
        return options
    }
}
