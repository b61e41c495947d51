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
    /// How the ports of services lead to their replicas.
    public private(set) var balances: [ServiceBalance] = []
    /// What there is here for endpoints on other nodes; `nil` where no network spans nodes.
    public private(set) var remotes: RemoteShare?
    /// The containers of this node, replicas among them.
    public private(set) var containers: [Container] = []
    /// The services of this node.
    public private(set) var services: [Service] = []
    /// The chains of the firewall that choose among a service's replicas.
    private var chains: [ResourceID: [ObjectID]] = [:]
    /// The packets that must pass the host for all this to work.
    public private(set) var flows: [ForwardedFlow] = []
    /// The resources that this node takes part in.
    public private(set) var resources: Set<ResourceID> = []

    /// Derives.
    public init(resources: ResourceSet, facts: HostFacts, set: String) {
        let containers = Self.selected(resources.workloads(facts), facts.nodeLabels)
        self.containers = containers
        services = resources.services.filter { Self.isSelected($0.nodeSelector, facts.nodeLabels) }
        let networks = Self.usedNetworks(resources, containers, facts)
        noteUnselected(resources, facts.nodeLabels)
        if facts.fleet?.isKnown == false { noteUnknown() }
        for index in containers.indices { self.resources.insert(containers[index].id) }
        self.resources.formUnion(networks.map(\.id))
        self.resources.formUnion(services.map(\.id))

        var subnets = SubnetChoice(networks: networks, facts: facts)
        for network in networks {
            let driver = DriverRegistry.driver(named: network.driver) ?? NoneDriver.self
            self.networks[network.metadata.name] =
                driver.hasAddresses ? subnets.resolve(network) : ResolvedNetwork(network, driver, facts)
        }
        diagnostics += subnets.diagnostics

        var plan = EndpointPlan(networks: self.networks, facts: facts)
        endpoints = plan.endpoints(of: containers, services)
        balances = plan.balances
        diagnostics += plan.diagnostics
        diagnostics += MissingHostAddress(facts, self.networks).bindings(
            networks.compactMap { self.networks[$0.metadata.name] })
        var byNetwork: [String: [Endpoint]] = [:]
        // Borrowed where they lie: copying a container is not cheap.
        let span = containers.span
        for index in span.indices {
            for endpoint in endpoints[span[index].metadata.name] ?? [] {
                byNetwork[endpoint.attachment.network, default: []].append(endpoint)
            }
        }
        let names = NamePlan(
            networks, self.networks, endpoints: byNetwork, facts: facts.names, set: set,
            remote: facts.fleet?.remote ?? [:])
        diagnostics += names.diagnostics
        let context = DriverContext(
            set: set, facts: facts, endpoints: byNetwork, names: names, published: Set(balances.flatMap(\.networks)),
            balanced: Set(balances.flatMap(\.local)))
        if facts.fleet != nil { remotes = RemoteShare(self.networks, byNetwork, names) }

        var unique = UniqueObjects(capacity: 12 * containers.count + 64)
        for driver in DriverRegistry.all {
            let own = networks.filter { $0.driver == driver.name }.compactMap { self.networks[$0.metadata.name] }
            guard !own.isEmpty else { continue }
            diagnostics += driver.conflicts(own, facts)
            unique.add(driver.hostObjects(own, context))
        }
        let forwarding = networks.filter { DriverRegistry.driver(named: $0.driver)?.forwards == true }.compactMap {
            self.networks[$0.metadata.name]
        }
        if !forwarding.isEmpty {
            flows = ForwardedFlow.all(forwarding, byNetwork, balances, names, facts)
            diagnostics += FirewallObstruction.find(flows, facts)
        }
        for network in networks {
            guard let driver = DriverRegistry.driver(named: network.driver),
                let resolved = self.networks[network.metadata.name]
            else { continue }
            diagnostics += driver.check(resolved, context)
            unique.add(driver.networkObjects(resolved, context))
        }
        unique.add(names.objects())
        let wrong = plan.diagnostics.resourcesInError
        for balance in balances {
            let objects = balance.objects(unready: facts.unready)
            unique.add(objects)
            // Replicas run also where something is wrong with the ports.
            if wrong.contains(.service(balance.name)) { continue }
            chains[.service(balance.name)] = objects.lazy.map(\.id).filter { $0.name.hasPrefix("chain ") }
        }
        addContainers(
            ContainerDerivation(networks: self.networks, endpoints: endpoints, chains: chains, context: context),
            to: &unique)
        objects = unique.objects
        findObstacles(unique, facts)
        diagnostics += unique.diagnostics
    }

    /// The replicas of each service that this node runs, for updates that take them away one after the other.
    public var replicaGroups: [(service: Service, replicas: [String])] {
        guard !services.isEmpty else { return [] }
        var replicas: [ResourceID: [String]] = [:]
        for container in containers {
            if let service = container.id.service { replicas[service, default: []].append(container.metadata.name) }
        }
        return services.map { ($0, replicas[$0.id] ?? []) }
    }

    /// What must be done before those of the containers that were found go which are replicas and are not to be any more:
    /// the ports of their service lead elsewhere first.
    public func departing(_ found: some Sequence<String>) -> [ObjectID: [ObjectID]] {
        guard !chains.isEmpty else { return [:] }
        let own = Set(containers.lazy.filter { $0.id.service != nil }.map(\.metadata.name))
        var departing: [ObjectID: [ObjectID]] = [:]
        for name in found where !own.contains(name) {
            departing[.process(name)] = ResourceID.container(name).service.flatMap { chains[$0] }
        }
        return departing
    }

    /// Where traffic for a service is led depends on replicas that nobody has heard of yet: it is left as it is.
    private mutating func noteUnknown() {
        diagnostics += services.map { service in
            Diagnostic(
                code: "fleet-unknown", "nothing is known of the fleet yet",
                hint: "it goes on as it is until etcd answers: reconcile fleet status", resource: service.id)
        }
    }

    /// A word about what other nodes take part in.
    private mutating func noteUnselected(_ resources: ResourceSet, _ labels: [String: String]) {
        func note(_ resource: ResourceID, _ metadata: Metadata, _ selector: [String: String]) {
            guard !Self.isSelected(selector, labels) else { return }
            diagnostics.append(
                Diagnostic(
                    .note, code: "not-selected", "left out: this node's labels do not match its nodeSelector",
                    resource: resource, position: metadata.position(of: "nodeSelector")))
        }
        for container in resources.containers where !container.nodeSelector.isEmpty {
            note(container.id, container.metadata, container.nodeSelector)
        }
        for network in resources.networks { note(network.id, network.metadata, network.nodeSelector) }
        for service in resources.services { note(service.id, service.metadata, service.nodeSelector) }
    }

    private mutating func addContainers(_ derivation: ContainerDerivation, to unique: inout UniqueObjects) {
        var images: Set<ImageSource> = []
        let containers = containers
        let derived = ParallelMap.map(containers) { container in
            container.sandboxOf == nil ? derivation.own(container) : nil
        }
        // Borrowed where they lie: copying a container is not cheap.
        let span = containers.span
        for index in span.indices {
            guard let found = derived[index] else { continue }
            addImage(of: span[index], derivation.context.facts, &images, to: &unique)
            add(found, to: &unique)
        }
        unique.add(derivation.context.names.nowhereObjects(endpoints))
        // What an object hangs on comes before it: here another container's sandbox.
        for container in containers where container.sandboxOf != nil {
            addGuest(container, derivation, &images, to: &unique)
        }
    }

    /// A container that runs in another one's sandbox.
    private mutating func addGuest(
        _ container: Container, _ derivation: ContainerDerivation, _ images: inout Set<ImageSource>,
        to unique: inout UniqueObjects
    ) {
        guard let name = container.sandboxOf else { return }
        guard let host = containers.first(where: { $0.metadata.name == name }), host.sandboxOf == nil else {
            diagnostics.append(
                Diagnostic(
                    code: "no-such-sandbox", "container/\(name), whose sandbox it is to run in, is not on this node",
                    resource: container.id, position: container.metadata.position(of: "networks[0]")))
            return
        }
        addImage(of: container, derivation.context.facts, &images, to: &unique)
        add(derivation.guest(container, of: host), to: &unique)
    }

    private mutating func add(_ found: ContainerDerivation.Result, to unique: inout UniqueObjects) {
        unique.add(found.objects)
        if !found.obstacles.isEmpty, let process = found.objects.last { obstacles[process.id] = found.obstacles }
    }

    /// What keeps links from being made: kinds that the kernel lacks, parents that are not there.
    private mutating func findObstacles(_ unique: UniqueObjects, _ facts: HostFacts) {
        if !facts.missingLinkKinds.isEmpty {
            for object in unique.objects where object.id.kind == .link {
                let found = object.string(.type).flatMap { KernelKinds.obstacle($0, facts) }
                if let found { note([found], at: object) }
            }
        }
        for network in networks.values {
            guard let driver = DriverRegistry.driver(named: network.network.driver) else { continue }
            let found = driver.obstacles(network, facts, isMade: unique.contains)
            guard !found.isEmpty else { continue }
            let links = unique.objects.filter { $0.id.kind == .link && Self.isOf(network.network, $0, driver) }
            for link in links { note(found, at: link) }
            // Where nothing is to be made yet nothing fails, but it will.
            if links.isEmpty {
                diagnostics += found.map { diagnostic in
                    var diagnostic = diagnostic
                    diagnostic.severity = .warning
                    diagnostic.resource = network.network.id
                    diagnostic.position = network.network.metadata.position
                    return diagnostic
                }
            }
        }
    }

    /// Whether a link is made for a network: that of an endpoint of it, or what those sit on.
    private static func isOf(_ network: Network, _ link: KernelObject, _ driver: any NetworkDriver.Type) -> Bool {
        let mark = link.string(.alias).flatMap { Mark(alias: $0) }
        return mark?.network == network.metadata.name
            || link.id.sandbox.isEmpty && driver.parents(network).contains(link.id.name)
    }

    private mutating func note(_ found: [Diagnostic], at object: KernelObject) {
        guard obstacles[object.id] == nil else { return }
        obstacles[object.id] = found.map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.resource = object.owner
            diagnostic.position = object.source
            return diagnostic
        }
    }

    /// Many containers share an image: it is one object, with the position of the first.
    private func addImage(
        of container: Container, _ facts: HostFacts, _ images: inout Set<ImageSource>, to unique: inout UniqueObjects
    ) {
        guard images.insert(container.image).inserted else { return }
        unique.add(SandboxObjects.image(container, facts))
    }

    /// The containers of this node. Copying one is not cheap: most often it is all of them.
    private static func selected(_ containers: [Container], _ labels: [String: String]) -> [Container] {
        let isAll = containers.indices.allSatisfy { isSelected(containers[$0].nodeSelector, labels) }
        return isAll ? containers : containers.filter { isSelected($0.nodeSelector, labels) }
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
        var used: Set<String> = []
        for index in containers.indices { used.formUnion(containers[index].networks.lazy.map(\.network)) }
        let predefined = ["bridge", "host", "none"].filter { used.contains($0) && !names.contains($0) }
        return (declared + predefined.map { Network(metadata: Metadata(name: $0), driver: $0) })
            .sorted { $0.metadata.name < $1.metadata.name }
    }
}
