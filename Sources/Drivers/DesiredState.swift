import Model

/// All that should exist, derived from resources and facts. Pure: the same input gives the same objects.
public struct DesiredState: Sendable {
    /// Every object that should exist, parents before what hangs on them, ids unique.
    public private(set) var objects: [KernelObject] = []
    /// What could not be derived, and why. Its resources are left out of `objects` as far as it concerns them.
    public private(set) var diagnostics: [Diagnostic] = []
    /// What keeps objects from being made anew, by their ids. It matters only where a plan would make them.
    public private(set) var obstacles: [ObjectID: [Diagnostic]] = [:]
    /// The networks with their subnets settled, by name.
    public private(set) var networks: [String: ResolvedNetwork] = [:]
    /// The endpoints, by container, in the order of the manifest.
    public private(set) var endpoints: [String: [Endpoint]] = [:]
    /// The resources that this node takes part in.
    public private(set) var resources: Set<ResourceID> = []

    /// Derives.
    public init(resources: ResourceSet, facts: HostFacts, set: String) {
        let containers = resources.containers.filter { Self.isSelected($0.nodeSelector, facts.nodeLabels) }
        let networks = Self.usedNetworks(resources, containers, facts)
        for metadata in resources.containers.filter({ !Self.isSelected($0.nodeSelector, facts.nodeLabels) })
            .map({ ($0.id, $0.metadata) })
            + resources.networks.filter({ !Self.isSelected($0.nodeSelector, facts.nodeLabels) })
            .map({ ($0.id, $0.metadata) })
        {
            diagnostics.append(
                Diagnostic(
                    .note, code: "not-selected", "left out: this node's labels do not match its nodeSelector",
                    resource: metadata.0, position: metadata.1.position(of: "nodeSelector")))
        }
        self.resources = Set(containers.map(\.id) + networks.map(\.id))

        var subnets = SubnetChoice(networks: networks, facts: facts)
        for network in networks {
            let usesAddresses = DriverRegistry.driver(named: network.driver)?.hasAddresses ?? false
            self.networks[network.metadata.name] =
                usesAddresses
                ? subnets.resolve(network) : ResolvedNetwork(network: network, pools: [], mtu: facts.defaultMTU)
        }
        diagnostics += subnets.diagnostics

        var plan = EndpointPlan(networks: self.networks, facts: facts)
        endpoints = plan.endpoints(of: containers)
        diagnostics += plan.diagnostics
        let byNetwork = Dictionary(grouping: containers.flatMap { endpoints[$0.metadata.name] ?? [] }) {
            $0.attachment.network
        }
        let context = DriverContext(set: set, facts: facts, endpoints: byNetwork)

        let bridged = networks.filter { $0.driver == BridgeDriver.name }.compactMap { self.networks[$0.metadata.name] }
        if !bridged.isEmpty {
            objects += FirewallTable.objects() + BridgeSysctls.hostObjects(bridged, facts)
        }
        for network in networks {
            guard let driver = DriverRegistry.driver(named: network.driver),
                let resolved = self.networks[network.metadata.name]
            else { continue }
            diagnostics += driver.check(resolved, context)
            objects += driver.networkObjects(resolved, context)
        }
        var images: Set<ObjectID> = []
        for container in containers { addContainer(container, context, &images) }
        keepUnique()
    }

    /// Each object once. That two resources want one is an error of the later, but for images, which are shared.
    private mutating func keepUnique() {
        var owners: [ObjectID: ResourceID] = [:]
        var kept: [KernelObject] = []
        kept.reserveCapacity(objects.count)
        owners.reserveCapacity(objects.count)
        for object in objects {
            guard let owner = object.owner, let first = owners[object.id] else {
                owners[object.id] = object.owner
                kept.append(object)
                continue
            }
            guard owner != first, object.id.kind != .image else { continue }
            diagnostics.append(
                Diagnostic(
                    code: "wanted-twice", "\(object.id) is wanted by \(first) already", resource: owner,
                    position: object.source))
        }
        objects = kept
    }

    private mutating func addContainer(_ container: Container, _ context: DriverContext, _ images: inout Set<ObjectID>)
    {
        let own = endpoints[container.metadata.name] ?? []
        let drivers = container.networks.map { attachment in
            networks[attachment.network].flatMap { DriverRegistry.driver(named: $0.network.driver) }
        }
        let usesHost = drivers.contains { $0?.usesHostNamespace == true }
        let image = SandboxObjects.image(container, context.facts)
        if images.insert(image.id).inserted { objects.append(image) }
        if !usesHost {
            objects.append(SandboxObjects.sandbox(container, set: context.set))
        }
        var networkObjects: [KernelObject] = []
        for endpoint in own {
            guard let network = networks[endpoint.attachment.network],
                let driver = DriverRegistry.driver(named: network.network.driver)
            else { continue }
            networkObjects += driver.endpointObjects(endpoint, network, context)
        }
        objects += networkObjects
        let process = ProcessObject.process(
            container, endpoints: own, networkObjects: networkObjects.map(\.id), usesHostNamespace: usesHost, context)
        guard !ProcessObject.hasFinished(container, process, context.facts) else { return }
        objects.append(process)
        let found = ProcessObstacles.find(container, context.facts)
        if !found.isEmpty { obstacles[process.id] = found }
    }

    private static func isSelected(_ selector: [String: String], _ labels: [String: String]) -> Bool {
        selector.allSatisfy { labels[$0.key] == $0.value }
    }

    /// The networks of this node: those of the manifests, and the predefined ones that are used.
    private static func usedNetworks(
        _ resources: ResourceSet, _ containers: [Container], _ facts: HostFacts
    ) -> [Network] {
        let declared = resources.networks.filter { isSelected($0.nodeSelector, facts.nodeLabels) }
        let names = Set(declared.map(\.metadata.name))
        let used = Set(containers.flatMap { $0.networks.map(\.network) })
        let predefined = ["bridge", "host", "none"].filter { used.contains($0) && !names.contains($0) }
        return (declared + predefined.map { Network(metadata: Metadata(name: $0), driver: $0) })
            .sorted { $0.metadata.name < $1.metadata.name }
    }
}
