import Model

extension ParentedNetwork {
    /// What keeps links from being made on the parent. `ids` has what other resources make.
    func obstacles(_ facts: HostFacts, _ isMade: (ObjectID) -> Bool) -> [Diagnostic] {
        let field = "\(kind).parent"
        let position = network.network.metadata.position(of: field)
        let place = position.map { " (\($0))" } ?? ""
        func problem(_ code: String, _ message: String, _ hint: String? = nil) -> [Diagnostic] {
            [Diagnostic(code: code, message, cause: "network \(network.name)\(place)", hint: hint)]
        }
        let name: String
        switch parent {
        case .standIn: return []
        case .vlan(let vlan): name = vlan.base
        case .existing(let existing): name = existing
        }
        guard let links = facts.links, !isMade(.link(name)) else { return [] }
        guard let link = links[name] else {
            return problem(
                "parent-missing",
                "there is no link \(name)" + (name == parent.name ? "" : " to make \(parent.name) on"),
                "name a link of this host (ip link), or wait for it: an agent joins the containers when it comes")
        }
        guard link.isEthernet else {
            return problem("parent-unfit", "\(name) is no Ethernet link: nothing of kind \(kind) can sit on it")
        }
        if let below = link.sitsOn {
            return problem(
                "parent-unfit", "\(name) is of kind \(link.kind) itself: the kernel would use what it sits on",
                below.isEmpty ? nil : "write parent: \(below)")
        }
        if let master = link.portOf, parent == .existing(name) {
            return problem(
                "parent-unfit", "\(name) is a port of \(master), which takes all that comes in by it",
                "write parent: \(master)")
        }
        if network.mtu > link.mtu {
            return problem(
                "mtu-too-large", "mtu \(network.mtu) is more than the \(link.mtu) of \(name)",
                "write mtu: \(link.mtu) or less, or nothing: then it is that of \(name)")
        }
        return []
    }
}

/// What a kernel lacks, in the words of its configuration.
enum KernelKinds {
    /// The option and the module of a kind of link (Kconfig of drivers/net and net/8021q).
    static let options = [
        "macvlan": ("CONFIG_MACVLAN", "macvlan"), "ipvlan": ("CONFIG_IPVLAN", "ipvlan"),
        "vlan": ("CONFIG_VLAN_8021Q", "8021q"),
    ]

    /// Why a kind of link cannot be made on this host; `nil` where it can, as far as is known.
    static func obstacle(_ kind: String, _ facts: HostFacts) -> Diagnostic? {
        guard facts.missingLinkKinds.contains(kind) else { return nil }
        let (option, module) = options[kind] ?? ("an option", kind)
        return Diagnostic(
            code: "kernel-cannot", "this kernel has no links of kind \(kind)",
            cause: "RTM_NEWLINK: unknown device type",
            hint: "load the module (modprobe \(module)), or take a kernel with \(option)")
    }
}
