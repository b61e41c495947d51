import Model

/// Overlay networks have VXLAN network identifiers of their own. On all nodes: one that only some take part in is met by
/// the others' tunnels all the same.
enum VNIRule {
    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        var holders: [Int: Network] = [:]
        for network in index.networks where network.driver == "overlay" {
            guard let vni = network.overlay.vni else { continue }
            guard let holder = holders[vni], holder.id != network.id else {
                holders[vni] = network
                continue
            }
            let place = holder.metadata.position(of: "overlay.vni").map { " at \($0)" } ?? ""
            findings.report(
                "duplicate-vni", "VNI \(vni) is that of another network",
                hint: "\(holder.id) has it\(place); choose another",
                network, at: "overlay.vni")
        }
    }
}
