/// Who of a macvlan network's containers reaches whom: the kernel's modes, in its words.
public enum MacvlanMode: String, Hashable, Sendable, CaseIterable {
    /// Each other, inside the kernel.
    case bridge
    /// Nobody.
    case `private`
    /// Each other, by way of a switch outside that sends frames back (IEEE 802.1Qbg).
    case vepa
    /// There is one container alone, and it has the parent's MAC.
    case passthru
}

/// Options of the driver `macvlan`.
public struct MacvlanOptions: Hashable, Sendable {
    /// The link of the host whose segment the containers join; `nil`: none, they reach each other alone.
    public var parent: String?
    /// Who reaches whom.
    public var mode: MacvlanMode

    /// Docker's defaults.
    public init(parent: String? = nil, mode: MacvlanMode = .bridge) {
        self.parent = parent
        self.mode = mode
    }
}

/// How an ipvlan network hands packets on: the kernel's modes, in its words.
public enum IpvlanMode: String, Hashable, Sendable, CaseIterable {
    /// By a switch inside the kernel: neighbours are asked for as on Ethernet.
    case l2
    /// By routes: no broadcast, no neighbours.
    case l3
    /// As l3, past the firewall and connection tracking of the host.
    case l3s
}

/// Options of the driver `ipvlan`.
public struct IpvlanOptions: Hashable, Sendable {
    /// The link of the host whose segment the containers join; `nil`: none, they reach each other alone.
    public var parent: String?
    /// How packets are handed on.
    public var mode: IpvlanMode

    /// Docker's defaults.
    public init(parent: String? = nil, mode: IpvlanMode = .l2) {
        self.parent = parent
        self.mode = mode
    }
}
