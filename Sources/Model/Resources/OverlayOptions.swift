/// Options of the driver `overlay`.
public struct OverlayOptions: Hashable, Sendable {
    /// The VXLAN network identifier, 1 to 16,777,215 (RFC 7348: 24 bits); `nil`: that of a claim in the fleet, else one
    /// that hashes the network's name.
    public var vni: Int?
    /// Whether what passes between nodes is to be encrypted: refused by this version.
    public var encrypted: Bool
    /// Whether containers of the network reach each other's unpublished ports.
    public var icc: Bool

    /// Docker's defaults.
    public init(vni: Int? = nil, encrypted: Bool = false, icc: Bool = true) {
        self.vni = vni
        self.encrypted = encrypted
        self.icc = icc
    }
}
