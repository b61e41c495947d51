import Model

/// Networks, containers, published ports and the uplink, and what joins them: what a picture of the host shows. A value
/// that is drawn by ``MermaidGraph``, ``DotGraph`` and ``SVGGraph``, and no more than these need.
public struct Topology: Hashable, Sendable {
    /// The link that leads out of the host.
    public struct Uplink: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Bytes.
        public var mtu: Int

        /// An uplink.
        public init(name: String, mtu: Int) {
            self.name = name
            self.mtu = mtu
        }
    }

    /// A network.
    public struct Network: Hashable, Sendable {
        /// `metadata.name`.
        public var name: String
        /// What makes it, and how it meets the outside: `bridge`, `bridge, internal`.
        public var kind: String
        /// Its subnets, as text.
        public var subnets: [String]
        /// Whether packets leave it by the uplink.
        public var leadsOut: Bool

        /// A network.
        public init(name: String, kind: String, subnets: [String] = [], leadsOut: Bool) {
            self.name = name
            self.kind = kind
            self.subnets = subnets
            self.leadsOut = leadsOut
        }
    }

    /// A container.
    public struct Container: Hashable, Sendable {
        /// `metadata.name`.
        public var name: String
        /// What it runs.
        public var image: String
        /// `running`, `exited`, …; `nil` where only manifests were read.
        public var state: String?
        /// Where it attaches, in the order of the manifest.
        public var attachments: [Attachment]
        /// Its published ports.
        public var ports: [String]

        /// A container.
        public init(
            name: String, image: String, state: String? = nil, attachments: [Attachment] = [], ports: [String] = []
        ) {
            self.name = name
            self.image = image
            self.state = state
            self.attachments = attachments
            self.ports = ports
        }

        /// Whether it is known not to run.
        var isDown: Bool { state.map { $0 != "running" } ?? false }
        /// Its name, with its state where that is not what it should be.
        var title: String { isDown ? "\(name) (\(state ?? ""))" : name }
    }

    /// A container on a network.
    public struct Attachment: Hashable, Sendable {
        /// The network's name.
        public var network: String
        /// The interface and its addresses: `eth0 10.20.0.10`; empty where it has none of its own.
        public var label: String

        /// An attachment.
        public init(network: String, label: String = "") {
            self.network = network
            self.label = label
        }
    }

    /// `nil` where none is known.
    public var uplink: Uplink?
    /// Sorted by name.
    public var networks: [Network]
    /// Sorted by name.
    public var containers: [Container]

    /// A topology; its parts are put in order, so that the same host gives the same picture.
    public init(uplink: Uplink? = nil, networks: [Network] = [], containers: [Container] = []) {
        self.uplink = uplink
        self.networks = networks.sorted { $0.name < $1.name }
        self.containers = containers.sorted { $0.name < $1.name }
    }

    /// The lines that tell of the uplink; of one that is not known only that packets leave the host.
    var uplinkLines: [String] { uplink.map { [$0.name, "mtu \($0.mtu)"] } ?? ["outside"] }

    /// Whether anything leads to the uplink.
    var showsUplink: Bool { uplink != nil || networks.contains(where: \.leadsOut) }

    /// Where networks stand in their list, by name.
    var networkNumbers: [String: Int] {
        Dictionary(uniqueKeysWithValues: networks.enumerated().map { ($0.element.name, $0.offset) })
    }

    /// The same as JSON.
    public var json: JSONValue {
        [
            "uplink": uplink.map { ["name": .string($0.name), "mtu": .int(Int64($0.mtu))] } ?? .null,
            "networks": .array(
                networks.map { network in
                    [
                        "name": .string(network.name), "kind": .string(network.kind),
                        "subnets": .strings(network.subnets), "leadsOut": .bool(network.leadsOut),
                    ]
                }),
            "containers": .array(
                containers.map { container in
                    [
                        "name": .string(container.name), "image": .string(container.image),
                        "state": .optional(container.state), "ports": .strings(container.ports),
                        "networks": .array(
                            container.attachments.map {
                                ["name": .string($0.network), "endpoint": .string($0.label)]
                            }),
                    ]
                }),
        ]
    }
}
