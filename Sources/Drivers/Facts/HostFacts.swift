import Model

/// What drivers may know about the host: values that were read beforehand, so that drivers stay pure.
public struct HostFacts: Sendable {
    /// A link that leads out of the host.
    public struct Uplink: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Bytes.
        public var mtu: Int
        /// It has a global IPv4 address.
        public var hasIPv4: Bool
        /// It has the default route.
        public var isDefault: Bool
        /// Its global addresses.
        public var addresses: [IPAddress]

        /// An uplink.
        public init(
            name: String, mtu: Int, hasIPv4: Bool, isDefault: Bool, addresses: [IPAddress] = []
        ) {
            self.name = name
            self.mtu = mtu
            self.hasIPv4 = hasIPv4
            self.isDefault = isDefault
            self.addresses = addresses
        }
    }

    /// Someone who holds a port of the host.
    public struct Listener: Hashable, Sendable {
        /// The protocol.
        public var transport: TransportProtocol
        /// The local address; unspecified for any.
        public var address: IPAddress
        /// The port.
        public var port: UInt16
        /// `nginx (pid 812)`, as far as it can be told.
        public var holder: String
        /// It takes no IPv4, though its address is `::`.
        public var isIPv6Only: Bool

        /// A listener.
        public init(
            transport: TransportProtocol, address: IPAddress, port: UInt16, holder: String, isIPv6Only: Bool = false
        ) {
            self.transport = transport
            self.address = address
            self.port = port
            self.holder = holder
            self.isIPv6Only = isIPv6Only
        }
    }

    /// A link of the host that is not ours.
    public struct Link: Hashable, Sendable {
        /// The rtnetlink kind; empty for hardware.
        public var kind: String
        /// Bytes.
        public var mtu: Int
        /// Administratively up.
        public var isUp: Bool
        /// It carries Ethernet frames (ARPHRD_ETHER), and is not the loopback.
        public var isEthernet: Bool
        /// The bridge, bond or team that it is a port of.
        public var portOf: String?
        /// For a macvlan or ipvlan, what it sits on; empty where that is in another namespace.
        public var sitsOn: String?

        /// A link; by default Ethernet hardware that is up.
        public init(
            kind: String = "", mtu: Int = 1500, isUp: Bool = true, isEthernet: Bool = true, portOf: String? = nil,
            sitsOn: String? = nil
        ) {
            self.kind = kind
            self.mtu = mtu
            self.isUp = isUp
            self.isEthernet = isEthernet
            self.portOf = portOf
            self.sitsOn = sitsOn
        }
    }

    /// A route that is not ours.
    public struct Route: Hashable, Sendable {
        /// Where to.
        public var destination: IPPrefix
        /// The link that it leaves by; `nil` where packets are refused, or several ways lead there.
        public var link: String?

        /// A route.
        public init(_ destination: IPPrefix, by link: String? = nil) {
            self.destination = destination
            self.link = link
        }
    }

    /// An address that is not ours.
    public struct Address: Hashable, Sendable {
        /// The address.
        public var address: IPAddress
        /// The link that has it.
        public var link: String

        /// An address of a link.
        public init(_ address: IPAddress, on link: String) {
            self.address = address
            self.link = link
        }
    }

    /// The MTU that networks take by default, in bytes.
    public var defaultMTU: Int { uplinks.first(where: \.isDefault)?.mtu ?? 1500 }
    /// Whose that is, in words.
    public var defaultLink: String { uplinks.first(where: \.isDefault)?.name ?? "the default route" }

    /// Where subnets are chosen from by default, in this order.
    public var addressPools: [AddressPool] = AddressPool.docker
    /// Destinations that the host routes elsewhere: chosen subnets keep clear of them.
    public var routes: [Route] = []
    /// The host's own global addresses, on links that are no set's.
    public var ownAddresses: [Address] = []
    /// Links that lead out.
    public var uplinks: [Uplink] = []
    /// Links of others on which the host heeds router advertisements, or did before it forwarded for us: whether one of
    /// their routes stands just now says nothing of that. A host that forwards heeds them with `accept_ra=2` alone.
    public var linksHeedingAdvertisements: [String] = []
    /// Links of the host that are not ours, by name; `nil` where nobody looked.
    public var links: [String: Link]?
    /// Kinds of links (rtnetlink's names) that this kernel was asked for and cannot make.
    public var missingLinkKinds: Set<String> = []
    /// Bridged IPv4 packets pass the inet hooks (bridge-nf-call-iptables).
    public var bridgedIPv4PassesFirewall = false
    /// Bridged IPv6 packets pass the inet hooks (bridge-nf-call-ip6tables).
    public var bridgedIPv6PassesFirewall = false
    /// Rules of others that may drop what we forward.
    public var hostFirewall = HostFirewall()
    /// What our endpoints are observed to have.
    public var endpoints: [EndpointKey: EndpointFacts] = [:]
    /// The subnets that the gateways of our networks are observed to have.
    public var subnets: [String: [IPPrefix]] = [:]
    /// What is remembered of endpoints that are not there now.
    public var remembered: [EndpointKey: EndpointFacts] = [:]
    /// What is remembered of networks' chosen subnets.
    public var rememberedSubnets: [String: [IPPrefix]] = [:]
    /// The host has ::1: not so where IPv6 is turned off, or `lo` is down.
    public var hasIPv6Loopback = true
    /// Host ports that are in our maps or forwarded now, by container; a service's by the name of its replica 0.
    public var publishedPorts: [String: [PublishedPort]] = [:]
    /// What is remembered of host ports that were chosen, by container.
    public var rememberedPorts: [String: [PublishedPort]] = [:]
    /// Who else was seen on the segment of a network: addresses that answered with a MAC which is none of our endpoints'.
    public var strangers: [String: [IPAddress: MACAddress]] = [:]
    /// Host ports that processes of the host hold.
    public var listeners: [Listener] = []
    /// Host ports that other sets of this host publish.
    public var portsOfOtherSets: [PortOfAnotherSet] = []
    /// Subnets that other sets of this host have.
    public var subnetsOfOtherSets: [SubnetOfAnotherSet] = []
    /// All addresses of the host, also those of our own bridges and of its loopback; `nil` where nobody looked.
    public var addresses: Set<IPAddress>?
    /// The kernel's range for ephemeral ports (ip_local_port_range) and what is reserved in it.
    public var ephemeralPorts: ClosedRange<UInt16> = 32768...60999
    /// ip_local_reserved_ports.
    public var reservedPorts: Set<UInt16> = []
    /// Digests of images that are here, by the text of their source.
    public var images: [String: String] = [:]
    /// Why an image cannot be had from its source (`oci:`, `docker-archive:`, `rootfs`), by the text of that source.
    public var imageProblems: [String: Diagnostic] = [:]
    /// Sources of bind mounts that do not exist.
    public var missingMountSources: Set<String> = []
    /// Processes as observed.
    public var processes: [String: ProcessFacts] = [:]
    /// Replicas that are known not to be ready: traffic for their services goes to others. Who knows nothing of it
    /// counts as ready.
    public var unready: Set<String> = []
    /// What processes that ended left behind, and that outlives a reboot.
    public var exits: [String: ExitRecord] = [:]
    /// The host's /etc/resolv.conf, less name servers that only the host reaches.
    public var resolver = DNSOptions()
    /// What concerns the serving of names.
    public var names = NameFacts()
    /// This node's labels.
    public var nodeLabels: [String: String] = [:]
    /// What the fleet tells; `nil` on a host that is in none.
    public var fleet: FleetFacts?

    /// Nothing known: a fresh host with an MTU of 1500.
    public init() {}
}

/// One container on one network.
public struct EndpointKey: Hashable, Sendable {
    /// The container's name.
    public let container: String
    /// The network's name.
    public let network: String

    /// A key.
    public init(container: String, network: String) {
        self.container = container
        self.network = network
    }
}

/// What an endpoint has.
public struct EndpointFacts: Hashable, Sendable {
    /// The interface's name in the sandbox.
    public var interface: String?
    /// Its IPv4 address.
    public var ipv4: IPAddress?
    /// Its IPv6 address.
    public var ipv6: IPAddress?

    /// An endpoint's facts.
    public init(interface: String? = nil, ipv4: IPAddress? = nil, ipv6: IPAddress? = nil) {
        self.interface = interface
        self.ipv4 = ipv4
        self.ipv6 = ipv6
    }
}

/// A host port that leads to a container's port.
public struct PublishedPort: Hashable, Sendable {
    /// `nil`: any address of the family.
    public var address: IPAddress?
    /// The family that it is published in.
    public var family: IPAddress.Family
    /// The host port.
    public var host: UInt16
    /// The container's port.
    public var container: UInt16
    /// tcp, udp, sctp.
    public var transport: TransportProtocol

    /// A published port.
    public init(
        address: IPAddress?, family: IPAddress.Family, host: UInt16, container: UInt16, transport: TransportProtocol
    ) {
        self.address = address
        self.family = family
        self.host = host
        self.container = container
        self.transport = transport
    }
}

/// What matters of an observed process.
public struct ProcessFacts: Hashable, Sendable {
    /// running, exited, created.
    public var state: String
    /// Where it ended.
    public var exitCode: Int?

    /// A process's facts.
    public init(state: String, exitCode: Int? = nil) {
        self.state = state
        self.exitCode = exitCode
    }
}

/// What a process that ended left behind.
public struct ExitRecord: Hashable, Sendable {
    /// Its exit code.
    public var code: Int
    /// A hash of the specification that it ran by: another one is a reason to run again.
    public var specification: String

    /// A record.
    public init(code: Int, specification: String) {
        self.code = code
        self.specification = specification
    }
}
