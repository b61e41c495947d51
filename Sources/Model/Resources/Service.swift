/// `kind: Service`: a number of containers that are alike, and ports that lead to those of them that are ready.
public struct Service: Hashable, Sendable {
    /// Name, labels, positions.
    public var metadata: Metadata
    /// How many there are to be.
    public var replicas: Int
    /// What each replica is. Its name is that of replica 0, which there never is, and positions are those of the
    /// template.
    public var template: Container
    /// Ports published on the host, of which each leads to all replicas.
    public var ports: [ServicePort]
    /// How a new template takes the place of the old one.
    public var update: UpdateOptions
    /// Only on nodes whose labels match.
    public var nodeSelector: [String: String]

    /// A service.
    public init(
        metadata: Metadata, replicas: Int = 1, template: Container, ports: [ServicePort] = [],
        update: UpdateOptions = UpdateOptions(), nodeSelector: [String: String] = [:]
    ) {
        self.metadata = metadata
        self.replicas = replicas
        self.template = template
        self.ports = ports
        self.update = update
        self.nodeSelector = nodeSelector
    }

    /// `service/NAME`.
    public var id: ResourceID { .service(metadata.name) }

    /// The container that replica `number` is, from 1 on.
    public func replica(_ number: Int) -> Container {
        var container = template
        container.metadata.name = ReplicaName(metadata.name, number).text
        return container
    }

    /// What has the service's ports, as a container: so that the same rules hold for the host ports of both.
    public var front: Container {
        var front = Container(
            metadata: Metadata(
                name: ReplicaName(metadata.name, 0).text, position: metadata.position,
                fieldPositions: metadata.fieldPositions),
            image: template.image, networks: template.networks)
        front.ports = ports.map(\.mapping)
        front.nodeSelector = nodeSelector
        return front
    }
}

/// One port of a service.
public struct ServicePort: Hashable, Sendable {
    /// Which replicas a port leads to.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// All of the fleet, on every node.
        case ingress
        /// Those of the node itself.
        case host
    }

    /// Host port, container port, address and protocol; the host port is one.
    public var mapping: PortMapping
    /// Which replicas it leads to.
    public var mode: Mode

    /// A port.
    public init(_ mapping: PortMapping, mode: Mode = .ingress) {
        self.mapping = mapping
        self.mode = mode
    }
}

/// How a new template takes the place of the old one.
public struct UpdateOptions: Hashable, Sendable {
    /// How many replicas may be away at once.
    public var maxUnavailable: Int

    /// One at a time, unless told otherwise.
    public init(maxUnavailable: Int = 1) { self.maxUnavailable = maxUnavailable }
}
