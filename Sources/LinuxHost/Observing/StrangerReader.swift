import Drivers
import Model
import Netlink
import Planning

/// Finds who else has addresses on the segments of our networks: what the host's own neighbour table and the bridges'
/// forwarding tables tell. Nobody is asked, so a look stays a look.
struct StrangerReader {
    let socket: NetlinkSocket
    let observation: Observation

    /// By network, the addresses that answered with the MAC of a port which is none of ours.
    ///
    /// A neighbour entry outlives who it tells of; a forwarding entry goes with the port (br_fdb_delete_by_port). So only
    /// both together count.
    func read(_ networks: [String]) -> [String: [IPAddress: MACAddress]] {
        var found: [String: [IPAddress: MACAddress]] = [:]
        let ours = Set(observation.objects.keys.lazy.filter { $0.kind == .link && $0.sandbox.isEmpty }.map(\.name))
            .subtracting(observation.foreign.keys.lazy.filter { $0.kind == .link }.map(\.name))
        for (name, bridge) in bridges(of: Set(networks)) {
            guard let index = (try? socket.link(.name(bridge)))?.index,
                let neighbours = try? socket.neighbours(index: index), !neighbours.isEmpty,
                let entries = try? socket.forwardingEntries(master: index)
            else { continue }
            var names: [Int32: String] = [:]
            for entry in entries where entry.index != index && names[entry.index] == nil {
                names[entry.index] = (try? socket.link(.index(entry.index)))?.name
            }
            let strange = Set(
                entries.filter { $0.index != index && names[$0.index].map(ours.contains) == false }
                    .compactMap(\.macAddress))
            for neighbour in neighbours {
                guard let address = neighbour.destination, let mac = neighbour.macAddress, strange.contains(mac) else {
                    continue
                }
                found[name, default: [:]][address] = mac
            }
        }
        return found
    }

    private func bridges(of networks: Set<String>) -> [(network: String, bridge: String)] {
        observation.objects.values.compactMap { object in
            guard object.id.kind == .link, object.id.sandbox.isEmpty, object.string(.type) == "bridge",
                let owner = object.owner, owner.kind == .network, networks.contains(owner.name)
            else { return nil }
            return (owner.name, object.id.name)
        }
    }
}

extension LinuxHost {
    /// Who else has addresses on the segments of some networks.
    public func strangers(on networks: [String], _ observation: Observation) -> [String: [IPAddress: MACAddress]] {
        StrangerReader(socket: socket, observation: observation).read(networks)
    }
}
