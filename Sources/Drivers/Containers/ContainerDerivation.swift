import Model

/// Derives what single containers need, each by itself: so many can be derived at the same time.
struct ContainerDerivation {
    /// What one container needs.
    struct Result {
        /// Its objects, parents before what hangs on them; without its image, which it may share with others.
        var objects: [KernelObject]
        /// What keeps its process from being started.
        var obstacles: [Diagnostic] = []
    }

    /// The networks with their subnets settled, by name.
    let networks: [String: ResolvedNetwork]
    /// The endpoints, by container.
    let endpoints: [String: [Endpoint]]
    /// The chains that choose among a service's replicas.
    let chains: [ResourceID: [ObjectID]]
    let context: DriverContext

    /// A container that has a sandbox of its own, or the host's namespace.
    func own(_ container: Container) -> Result {
        let image = ObjectID.image(container.image)
        let name = container.metadata.name
        let own = endpoints[name] ?? []
        let drivers = container.networks.map { attachment in
            networks[attachment.network].flatMap { DriverRegistry.driver(named: $0.network.driver) }
        }
        let usesHost = drivers.contains { $0?.usesHostNamespace == true }
        var networkObjects: [KernelObject] = []
        for endpoint in own {
            guard let network = networks[endpoint.attachment.network],
                let driver = DriverRegistry.driver(named: network.network.driver)
            else { continue }
            networkObjects += driver.endpointObjects(endpoint, network, context)
        }
        networkObjects += context.names.names(container, own)
        // Whoever starts can ask at once, and traffic is led elsewhere before a replica is taken away.
        let served = own.map(\.attachment.network).filter { context.names.served[$0] != nil }.map { ObjectID.dns($0) }
        let chains = container.id.service.flatMap { self.chains[$0] } ?? []
        let process = ProcessObject.process(
            container, endpoints: own, after: networkObjects.map(\.id) + served + chains + [image],
            sandbox: usesHost ? nil : name, context)
        var objects: [KernelObject] = []
        objects.reserveCapacity(networkObjects.count + 2)
        if !usesHost { objects.append(SandboxObjects.sandbox(container, image: image, set: context.set)) }
        objects += networkObjects
        return result(container, objects, process)
    }

    /// A container that runs in the sandbox of `host`.
    func guest(_ container: Container, of host: Container) -> Result {
        let process = ProcessObject.guest(
            container, of: host, endpoints: endpoints[host.metadata.name] ?? [],
            after: [.image(container.image), .process(host.metadata.name)], context)
        return result(container, [], process)
    }

    private func result(_ container: Container, _ objects: [KernelObject], _ process: KernelObject) -> Result {
        guard !ProcessObject.hasFinished(container, process, context.facts) else { return Result(objects: objects) }
        return Result(objects: objects + [process], obstacles: ProcessObstacles.find(container, context.facts))
    }
}
