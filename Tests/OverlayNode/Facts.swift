import Drivers
import Foundation
import Model

/// What a node knows of its fleet, as a test wrote it down: the names are those of ``FleetFacts``.
struct Facts: Decodable {
    struct Node: Decodable {
        let name: String
        let tunnel: String
    }

    struct Endpoint: Decodable {
        let container: String?
        let node: String
        let addresses: [String]
        let mac: String
        var ready: Bool?
    }

    let node: String
    let nodes: [Node]
    var vnis: [String: UInt32]?
    /// Addresses by container and network, as `web/over`.
    var claimed: [String: [String]]?
    var ingress: [String: [String]]?
    var remote: [String: [Endpoint]]?
    /// Numbers of this node's replicas, by service.
    var replicas: [String: [Int]]?

    /// Reads a file; none is a host without a fleet.
    static func read(_ path: String) throws -> FleetFacts? {
        guard path != "none" else { return nil }
        return try JSONDecoder().decode(Facts.self, from: Data(contentsOf: URL(filePath: path))).fleet
    }

    private var fleet: FleetFacts {
        var facts = FleetFacts(node: node)
        facts.nodes = nodes.compactMap { node in
            IPAddress(node.tunnel).map { FleetFacts.Node(name: node.name, tunnel: $0) }
        }
        facts.vnis = vnis ?? [:]
        for (name, texts) in claimed ?? [:] {
            let parts = name.split(separator: "/").map(String.init)
            let addresses = texts.compactMap { IPAddress($0) }
            facts.claimed[EndpointKey(container: parts[0], network: parts[1])] = EndpointFacts(
                ipv4: addresses.first { $0.family == .ipv4 }, ipv6: addresses.first { $0.family == .ipv6 })
        }
        facts.ingress = (ingress ?? [:]).mapValues { $0.compactMap { IPAddress($0) } }
        facts.remote = (remote ?? [:]).mapValues { endpoints in
            endpoints.compactMap { endpoint in
                MACAddress(endpoint.mac).map {
                    FleetFacts.RemoteEndpoint(
                        container: endpoint.container, node: endpoint.node,
                        addresses: endpoint.addresses.compactMap { IPAddress($0) }, mac: $0,
                        isReady: endpoint.ready ?? true)
                }
            }
        }
        facts.replicas = replicas ?? [:]
        return facts
    }
}
