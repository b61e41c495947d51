import Containers
import Drivers
import LinuxHost
import Model
import Planning

/// What `inspect` prints: the useful part of `docker inspect`, from what is observed (section 7 of the design).
public struct InspectReport: Sendable {
    private let look: Look
    private let agent: AgentNote?

    /// Reports on a look, and on what an agent knows beyond it.
    public init(_ look: Look, agent: AgentNote? = nil) {
        self.look = look
        self.agent = agent
    }

    /// A resource as JSON; `nil` for what is neither desired nor present.
    public func json(_ resource: ResourceID) -> JSONValue? {
        guard look.desired.resources.contains(resource) || look.owned.contains(resource) else { return nil }
        switch resource.kind {
        case .container: return container(resource)
        case .network: return network(resource)
        case .service: return service(resource)
        case .host: return nil
        }
    }

    private func source(_ resource: ResourceID) -> JSONValue {
        let position = look.desired.objects.lazy.filter { $0.owner == resource }.compactMap(\.source).min()
        return position.map { ["file": .string($0.file), "line": .int(Int64($0.line))] } ?? .null
    }

    private func container(_ resource: ResourceID) -> JSONValue {
        let found = look.containers[resource.name]
        let pid = found?.state == .running ? found?.process?.pid : nil
        let process = look.observation.objects[.process(resource.name)]
        let desired = look.desired.objects.first { $0.id == .process(resource.name) }
        let sandbox = (process ?? desired).map { $0.hangsOn.first?.sandbox } ?? resource.name
        let endpoints = observedEndpoints { $0.container == resource.name }
        let end = look.end(of: resource.name)
        return [
            "name": .string(resource.name),
            "state": .string(
                found?.state.rawValue ?? (end == nil ? "missing" : ObservedContainer.State.exited.rawValue)),
            "pid": pid.map { .int(Int64($0)) } ?? .null,
            "exitCode": end?.exitCode.map { .int(Int64($0)) } ?? .null,
            "oomKilled": .bool(end?.isOutOfMemory ?? false),
            // Health is asked for by the agent; a single pass does not wait for it.
            "health": .optional(agent?.health[resource.name]?.status.rawValue),
            "image": .optional(process?.string(.image) ?? desired?.string(.image)),
            "sandbox": sandbox.map { .string(SandboxDirectory.path($0)) }
                ?? .optional(pid.map { "/proc/\($0)/ns/net" }),
            "endpoints": .array(endpoints.map { endpointJSON($0.key, $0.value) }),
            "nameservers": .strings(Self.words("nameserver", of: process)),
            "ports": .array(ports(resource.name).map(Self.portJSON)), "source": source(resource),
        ]
    }

    /// What a container's /etc/resolv.conf says under a keyword.
    private static func words(_ keyword: String, of process: KernelObject?) -> [String] {
        (process?.list(.resolver) ?? []).filter { $0.hasPrefix(keyword + " ") }
            .map { String($0.dropFirst(keyword.count + 1)) }
    }

    private func service(_ resource: ResourceID) -> JSONValue {
        let standing = ServiceStanding(resource, look, agent)
        let ports = ports(resource.publisher).map { port -> JSONValue in
            let mode = standing.service?.ports.first {
                $0.mapping.host?.contains(port.host) == true && $0.mapping.transport == port.transport
            }?.mode
            guard case .object(let members) = Self.portJSON(port) else { return .null }
            return .object(members + [.init("mode", .string((mode ?? .ingress).rawValue))])
        }
        let members = standing.replicas.map { name -> JSONValue.Member in
            let found = look.containers[name]
            let endpoints = observedEndpoints { $0.container == name }
            return .init(
                name,
                [
                    "state": .string(found?.state.rawValue ?? "missing"),
                    "health": .optional(agent?.health[name]?.status.rawValue),
                    "ready": .bool(standing.ready.contains(name)), "updated": .bool(!standing.outdated.contains(name)),
                    "image": .optional(look.observation.objects[.process(name)]?.string(.image)),
                    "addresses": .strings(
                        endpoints.flatMap { [$0.value.ipv4, $0.value.ipv6] }.compactMap { $0?.description }),
                ])
        }
        return [
            "name": .string(resource.name),
            "replicas": [
                "desired": .int(Int64(standing.desired)), "running": .int(Int64(standing.running.count)),
                "ready": .int(Int64(standing.ready.count)),
                "updated": .int(Int64(standing.replicas.count { !standing.outdated.contains($0) })),
            ],
            "containers": .object(members), "ports": .array(ports),
            "update": ["maxUnavailable": standing.service.map { .int(Int64($0.update.maxUnavailable)) } ?? .null],
            "source": standing.service?.metadata.position.map {
                ["file": .string($0.file), "line": .int(Int64($0.line))]
            } ?? .null,
        ]
    }

    private func observedEndpoints(_ isWanted: (EndpointKey) -> Bool) -> [(key: EndpointKey, value: EndpointFacts)] {
        look.facts.endpoints.filter { isWanted($0.key) }.sorted {
            ($0.value.interface ?? "", $0.key.network) < ($1.value.interface ?? "", $1.key.network)
        }
    }

    /// The published ports of a container, as observed, in Docker's order. Where its network routes, they are open at its
    /// own address and port.
    public func ports(_ container: String) -> [PublishedPort] {
        let owner = ResourceID.container(container)
        let open = look.observation.objects.values.lazy.filter { $0.id.kind == .firewall && $0.owner == owner }
            .compactMap { FirewallElement(name: $0.id.name)?.opened }
            .map { opened in
                PublishedPort(
                    address: opened.address, family: opened.address.family, host: opened.port,
                    container: opened.port, transport: opened.transport)
            }
        return ((look.facts.publishedPorts[container] ?? []) + open).sorted {
            if $0.container != $1.container { return $0.container < $1.container }
            if $0.transport != $1.transport { return $0.transport < $1.transport }
            return $0.family == $1.family ? $0.host < $1.host : $0.family < $1.family
        }
    }

    private static func portJSON(_ port: PublishedPort) -> JSONValue {
        [
            "address": .string(port.hostAddress.description), "host": .int(Int64(port.host)),
            "container": .int(Int64(port.container)), "protocol": .string(port.transport.rawValue),
        ]
    }

    private func endpointJSON(_ key: EndpointKey, _ facts: EndpointFacts) -> JSONValue {
        let interface = facts.interface ?? ""
        func route(_ family: IPAddress.Family) -> String? {
            look.observation.objects[
                .route(ObjectID.defaultRoute(family), on: interface, in: key.container)]?.string(.via)
        }
        let names = look.observation.objects[.name(key.container, on: key.network)]
        return [
            "network": .string(key.network), "interface": .string(interface),
            "ipv4": .optional(facts.ipv4?.description),
            "ipv6": .optional(facts.ipv6?.description), "mac": .optional(mac(key, interface)),
            "gateway": .optional(route(.ipv4) ?? route(.ipv6)), "ipv6Gateway": .optional(route(.ipv6)),
            "aliases": .strings(names?.list(.aliases) ?? []),
        ]
    }

    private func mac(_ key: EndpointKey, _ interface: String) -> String? {
        look.observation.objects[.link(interface, in: key.container)]?.string(.mac)
    }

    private func network(_ resource: ResourceID) -> JSONValue {
        let network = look.desired.networks[resource.name]
        let endpoints = observedEndpoints { $0.network == resource.name }.sorted { $0.key.container < $1.key.container }
        let members = endpoints.map { key, facts in
            JSONValue.Member(
                key.container,
                [
                    "ipv4": .optional(facts.ipv4?.description), "ipv6": .optional(facts.ipv6?.description),
                    "mac": .optional(mac(key, facts.interface ?? "")),
                ])
        }
        let subnets = (network?.pools ?? []).map { Self.subnet($0, endpoints.map(\.value)) }
        return [
            "name": .string(resource.name), "driver": .string(network?.network.driver ?? "bridge"),
            "subnets": .array(subnets), "mtu": network.map { .int(Int64($0.mtu)) } ?? .null,
            "internal": .bool(network?.isInternal ?? false),
            // Where containers' names are served.
            "nameservers": .strings(
                look.observation.objects[.dns(resource.name)].map { NameZone.addresses(of: $0).map(\.description) }
                    ?? []),
            "options": .object(network.map { DriverRegistry.options(of: $0.network, look.facts) } ?? []),
            "containers": .object(members), "source": source(resource),
        ]
    }
}

extension PublishedPort {
    /// The host's address as Docker shows it: unspecified for any.
    public var hostAddress: IPAddress { address ?? IPAddress(family: family, bits: 0) }
}
