import Model

/// What drivers may know of the host where it concerns the serving of names.
public struct NameFacts: Hashable, Sendable {
    /// aardvark-dns is installed, or runs for us.
    public var isAvailable = true
    /// The addresses at which ours listens now.
    public var served: Set<IPAddress> = []
    /// Others that listen on UDP port 53, at an address that is no loopback.
    public var listeners: [HostFacts.Listener] = []
    /// The host's name servers, as /etc/resolv.conf has them, those at loopback addresses too: the server asks from the
    /// host's own namespace.
    public var upstream: [String] = []
    /// False where the host's /etc/resolv.conf was read and names none.
    public var hasUpstream = true

    /// aardvark-dns is there, and nothing else is known.
    public init() {}

    /// Who keeps ours from listening at an address; where ours does so already, nobody.
    func holder(of address: IPAddress) -> HostFacts.Listener? {
        guard !served.contains(address) else { return nil }
        return listeners.first { listener in
            // A socket at :: takes IPv4 as well, unless it was told not to.
            listener.address == address
                || listener.address.isUnspecified
                    && (listener.address.family == address.family
                        || listener.address.family == .ipv6 && !listener.isIPv6Only)
        }
    }
}
