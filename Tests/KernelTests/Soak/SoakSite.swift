import Glibc

/// What the soak's host should look like: three networks, nine containers, ports, a health check, a finished job; and
/// how its manifests change meanwhile.
struct SoakSite {
    static let networks = ["red", "green", "blue"]
    /// Containers with a link, and the network of each.
    static let linked: [(name: String, network: String)] = (1...7).map { ("w\($0)", networks[$0 % 3]) }

    /// What can be one way or another.
    enum Toggle: Int, CaseIterable {
        case mtu, environment, container, network, port
    }

    /// Those that are the other way.
    private(set) var toggled: Set<Toggle> = []

    /// Changes one thing; answers with the parts of the site that it touches. Of what nobody asked for a look at
    /// everything does not say whether it was asked for once: so all that is of the host's counts.
    mutating func toggle(_ toggle: Toggle) -> Set<String> {
        if toggled.remove(toggle) == nil { toggled.insert(toggle) }
        return switch toggle {
        case .mtu: Set(["br-red", "host"] + Self.linked.filter { $0.network == "red" }.map(\.name))
        case .environment: ["w5", "host"]
        case .container: ["x", "br-green", "firewall", "host"]
        case .network: ["y", "br-temp", "firewall", "host"]
        case .port: ["w2", "firewall", "forwarder", "host"]
        }
    }

    /// The documents.
    func manifests(_ host: TestHost) -> String {
        let sleep = ["sleep", "100000"]
        let ports = [
            "w1": "'8081:80'", "w2": toggled.contains(.port) ? "'8092:80'" : "'8082:80'", "w3": "'127.0.0.1:8083:80'",
        ]
        var documents = Self.networks.enumerated().map { index, name in
            let mtu = name == "red" && toggled.contains(.mtu) ? 1480 : 1460
            return Manifest.network(name, dual(31 + index), "mtu: \(mtu)")
        }
        for (name, network) in Self.linked {
            let version = name == "w5" && toggled.contains(.environment) ? 2 : 1
            documents.append(
                host.container(
                    name, command: ports[name] == nil ? sleep : nil, "networks: [\(network)]",
                    "ports: [\(ports[name] ?? "")]", "environment: { VERSION: '\(version)' }"))
        }
        documents.append(
            host.container(
                "checked", command: sleep, "networks: [none]",
                "healthcheck: { command: ['true'], interval: 2s, timeout: 10s }"))
        documents.append(host.container("job", command: ["true"], "networks: [none]", "restart: never"))
        if toggled.contains(.container) {
            documents.append(host.container("x", command: sleep, "networks: [green]", "ports: ['8090:80']"))
        }
        if toggled.contains(.network) {
            documents.append(Manifest.network("temp", dual(34)))
            documents.append(host.container("y", command: sleep, "networks: [temp]"))
        }
        return documents.joined()
    }

    /// Writes them as an editor does: another file, renamed over the old one.
    func write(_ host: TestHost) throws {
        try Files.write(manifests(host), to: host.manifests + "/.new")
        guard rename(host.manifests + "/.new", host.manifests + "/site.yaml") == 0 else { throw Failure("rename") }
    }
}
