import Model

/// What networks on one link of the host can be beside each other, and what their containers can ask for.
enum ParentRule {
    private struct Claim {
        let network: Int
        let parent: String
        /// The field that names the parent.
        let field: String
        /// What all networks on the parent must agree in.
        let kind: String
        let isAlone: Bool
    }

    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        checkParents(index, &findings)
        checkPassthru(index, &findings)
        checkMACs(index, &findings)
    }

    private static func claim(_ network: Network, _ number: Int) -> Claim? {
        switch network.driver {
        case "macvlan":
            network.macvlan.parent.map {
                Claim(
                    network: number, parent: $0, field: "macvlan.parent", kind: "macvlan",
                    isAlone: network.macvlan.mode == .passthru)
            }
        case "ipvlan":
            network.ipvlan.parent.map {
                Claim(
                    network: number, parent: $0, field: "ipvlan.parent", kind: "ipvlan \(network.ipvlan.mode.rawValue)",
                    isAlone: false)
            }
        default: nil
        }
    }

    /// A parent has macvlans, or ipvlans of one mode, or one passthru.
    private static func checkParents(_ index: ResourceIndex, _ findings: inout Findings) {
        var claims: [String: [Claim]] = [:]
        for (number, network) in index.networks.enumerated() where index.isPlaced(network.id, network.metadata) {
            guard let claim = claim(network, number) else { continue }
            let other = claims[claim.parent]?.first {
                (claim.isAlone || $0.isAlone || claim.kind != $0.kind) && index.networks[$0.network].id != network.id
                    && NodeSelectors.meet(index.networks[$0.network].nodeSelector, network.nodeSelector)
            }
            claims[claim.parent, default: []].append(claim)
            guard let other else { continue }
            let holder = index.networks[other.network]
            let place = holder.metadata.position(of: other.field).map { " at \($0)" } ?? ""
            let why =
                claim.kind == other.kind
                ? "passthru takes all of it" : "\(claim.kind) and \(other.kind) cannot sit on one link"
            findings.report(
                "parent-taken", "\(claim.parent) is the parent of another network: \(why)",
                hint: "\(holder.id) has it\(place); choose another parent, or one mode for both", network,
                at: claim.field)
        }
    }

    /// A network of the mode passthru has one container a node.
    private static func checkPassthru(_ index: ResourceIndex, _ findings: inout Findings) {
        let alone = Set(
            index.network.values.filter { $0.driver == "macvlan" && $0.macvlan.mode == .passthru }.map(\.metadata.name))
        guard !alone.isEmpty else { return }
        var first: [String: [Int]] = [:]
        for (number, container) in index.containers.enumerated()
        where index.isPlaced(container.id, container.metadata) {
            for (place, attachment) in container.networks.enumerated() where alone.contains(attachment.network) {
                let other = first[attachment.network]?.first {
                    index.containers[$0].id != container.id
                        && NodeSelectors.meet(index.containers[$0].nodeSelector, container.nodeSelector)
                }
                first[attachment.network, default: []].append(number)
                guard let other else { continue }
                findings.report(
                    "passthru-taken", "the network \(attachment.network) is of the mode passthru: it has one container",
                    hint: "\(index.containers[other].id) is on it; choose the mode bridge for several", container,
                    at: "networks[\(place)]")
            }
        }
    }

    /// Where a link has its parent's MAC none can be asked for.
    private static func checkMACs(_ index: ResourceIndex, _ findings: inout Findings) {
        for container in index.containers {
            for (place, attachment) in container.networks.enumerated() where attachment.mac != nil {
                guard let network = index.network[attachment.network] else { continue }
                let isShared =
                    network.driver == "ipvlan" || network.driver == "macvlan" && network.macvlan.mode == .passthru
                guard isShared else { continue }
                findings.report(
                    "mac-of-parent",
                    "a container on the network \(attachment.network) has the MAC address of its parent",
                    hint: network.driver == "ipvlan"
                        ? "remove mac, or take the driver macvlan" : "remove mac, or take the mode bridge", container,
                    at: "networks[\(place)].mac")
            }
        }
    }
}
