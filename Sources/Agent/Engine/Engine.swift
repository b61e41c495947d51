import Containers
import Drivers
import Glibc
import LinuxHost
import Model
import Planning

/// The one road: looks at manifests and kernel, plans, applies, and looks again. Dry run, apply, agent and repair are
/// this road, stopped at different places.
public final class Engine: Sendable {
    let settings: EngineSettings
    let host: LinuxHost
    private let store: ImageStore
    let observer: ContainerObserver
    let layout: StateLayout
    private let hints: Hints
    let exits: ExitMemory
    /// What was read of the servers of names.
    let namesRead = NameServerMemory()
    let applied: AppliedRecord
    private let addressPools: [AddressPool]
    /// This node's labels.
    public let nodeLabels: [String: String]
    /// What the fleet tells just now; `nil` on a host that is in none.
    let fleet: @Sendable () -> FleetFacts?

    /// Opens the kernel's side; throws where a capability or library is missing. Writes nothing. `fleet` is asked at each
    /// look.
    public init(
        _ settings: EngineSettings, fleet: @escaping @Sendable () -> FleetFacts? = { nil }
    ) throws(Diagnostic) {
        self.fleet = fleet
        self.settings = settings
        addressPools = try AddressPoolFile.pools(given: settings.addressPools)
        nodeLabels = try NodeLabelFile.labels(given: settings.nodeLabels)
        try Capability.check()
        host = try LinuxHost(set: settings.set, dataDirectory: settings.dataDirectory)
        layout = settings.layout
        store = ImageStore(layout: layout)
        observer = ContainerObserver(layout: layout)
        hints = Hints(dataDirectory: settings.dataDirectory, set: settings.set)
        exits = ExitMemory(dataDirectory: settings.dataDirectory, set: settings.set)
        applied = AppliedRecord(runtimeDirectory: settings.runtimeDirectory, set: settings.set)
    }

    /// Reads the kernel. Changes nothing: no netlink write, no file.
    public func observe() async throws(Diagnostic) -> Sighting {
        HeapReserve.take()
        // The host's side is awaited directly: what a child task hands over is copied before it can be added to.
        async let processes = containerObservation()
        async let nameServers = observeNames()
        var (observation, facts) = try await host.observe(processes: [:])
        let containers = await processes
        // A sandbox whose mount vanished lives on in its processes: its own container's, or one's that shares it.
        var unbound: [String: Int32] = [:]
        for process in containers.objects {
            guard let name = process.hangsOn.first?.sandbox, observation.objects[.sandbox(name)] == nil,
                let container = containers.current[process.id.sandbox], container.state == .running,
                unbound[name] == nil || process.id.sandbox == name
            else { continue }
            unbound[name] = container.process?.pid
        }
        if !unbound.isEmpty { (observation, facts) = try await host.observe(processes: unbound) }
        for object in containers.objects { observation.insert(object) }
        let forwarder = ForwarderObservation(layout: layout, listening: self.host.loopbackSockets)
        for object in forwarder.objects { observation.insert(object) }
        facts.add(forwarder.forwards)
        let names = await nameServers
        for object in names.objects { observation.insert(object) }
        return Sighting(
            observation: observation, facts: facts, containers: containers.current, forwarder: forwarder, names: names)
    }

    private func containerObservation() async -> ContainerObservation {
        HeapReserve.take()
        return ContainerObservation(observer.observe(), layout: layout) { SandboxMembership.isIn($0, process: $1) }
    }

    /// Looks at the kernel and plans.
    public func look(
        _ input: PassInput, expecting expected: FleetFacts? = nil
    ) async throws(Diagnostic) -> Look {
        await look(input, at: try await observe(), expecting: expected)
    }

    /// Plans, from what was seen, and from what is known of the fleet, unless something else is expected of that. Changes
    /// nothing.
    public func look(
        _ input: PassInput, at sighting: consuming Sighting, expecting expected: FleetFacts? = nil
    ) async -> Look {
        var observation = sighting.observation
        sighting.observation = Observation()
        var facts = sighting.facts
        facts.addressPools = addressPools
        facts.nodeLabels = nodeLabels
        facts.fleet = expected ?? fleet()
        facts.names.add(sighting.names)
        if !input.resources.services.isEmpty {
            facts.unready = input.unready ?? AgentNote.read(settings)?.unready ?? []
        }
        facts.processes = sighting.containers.mapValues(ProcessFacts.init)
        let workloads = input.resources.workloads(facts)
        if workloads.contains(where: { !isSettled($0, facts) })
            || input.resources.networks.contains(where: { facts.subnets[$0.metadata.name] == nil })
        {
            hints.recall(into: &facts)
            facts.strangers = host.strangers(on: input.resources.networks.map(\.metadata.name), observation)
        }
        facts.listeners = holders(
            of: workloads + input.resources.services.map(\.front), facts, sighting.forwarder, sighting.names)
        facts.exits = exits.records()
        observeImages(workloads, &observation, &facts)
        facts.missingMountSources = MountSources.missing(workloads).subtracting(input.arriving)
        facts.missingLinkKinds = await host.missingLinkKinds(DriverRegistry.linkKinds(input.resources.networks, facts))
        var desired = DesiredState(resources: input.resources, facts: facts, set: settings.set)
        // Who it is that keeps names from being served is looked for only where somebody does: it takes long.
        if desired.diagnostics.contains(where: { $0.code == "names-not-served" }), facts.names.isAvailable {
            facts.names.add(sighting.names, holders: host.holders(of: sighting.names.others))
            desired = DesiredState(resources: input.resources, facts: facts, set: settings.set)
        }
        let suspended = Suspended(settings, input, desired, observation)
        var plan = makePlan(input, desired, observation, suspended, facts, sighting.containers)
        plan.resourceCount = desired.resources.filter { $0.kind != .host }.count
        plan.revision = input.revision
        return Look(
            plan: plan, desired: desired, observation: observation, containers: sighting.containers, facts: facts,
            forwarder: sighting.forwarder, names: sighting.names, suspended: suspended.resources)
    }

    /// A plan as if nothing were there, for those who may not look.
    public static func offlinePlan(_ input: PassInput, _ settings: EngineSettings) throws(Diagnostic) -> Plan {
        var facts = HostFacts()
        facts.addressPools = try AddressPoolFile.pools(given: settings.addressPools)
        facts.nodeLabels = try NodeLabelFile.labels(given: settings.nodeLabels)
        facts.missingMountSources = MountSources.missing(input.resources.workloads(facts))
        let desired = DesiredState(resources: input.resources, facts: facts, set: settings.set)
        var plan = Planner.plan(
            desired: desired.objects, observation: Observation(),
            options: Planner.Options(obstacles: desired.obstacles))
        plan.diagnostics = desired.diagnostics + plan.diagnostics
        plan.resourceCount = input.resources.ids.count
        plan.revision = input.revision
        return plan
    }

    /// Who holds host ports that are asked for; where some are to be chosen, also which of those to choose from are held.
    private func holders(
        of containers: [Container], _ facts: HostFacts, _ forwarder: ForwarderObservation,
        _ names: NameServerObservation
    ) -> [HostFacts.Listener] {
        let isChoosing = containers.contains { container in
            container.ports.contains { $0.host == nil } && !hasItsPorts(container, facts)
        }
        return host.holders(
            of: Set(containers.flatMap { $0.ports.compactMap(\.host).joined() }),
            andIn: isChoosing ? facts.ephemeralPorts : nil,
            but: Set(names.pids + (forwarder.pid.map { [$0] } ?? [])), forwarder.sockets.union(names.sockets))
    }

    /// Whether each port for which a host port is chosen is observed to have one.
    private func hasItsPorts(_ container: Container, _ facts: HostFacts) -> Bool {
        container.ports.allSatisfy { mapping in
            guard mapping.host?.count != 1 else { return true }
            return facts.publishedPorts[container.metadata.name]?.contains {
                $0.container == mapping.container && $0.transport == mapping.transport
            } ?? false
        }
    }

    /// Whether all endpoints, subnets and chosen ports of a container are observed: then nothing has to be remembered
    /// about them.
    private func isSettled(_ container: Container, _ facts: HostFacts) -> Bool {
        hasItsPorts(container, facts)
            && container.networks.allSatisfy { attachment in
                let key = EndpointKey(container: container.metadata.name, network: attachment.network)
                return attachment.container != nil
                    || facts.endpoints[key] != nil && facts.subnets[attachment.network] != nil
            }
    }

    private func makePlan(
        _ input: PassInput, _ desired: DesiredState, _ observation: Observation, _ suspended: Suspended,
        _ facts: HostFacts, _ containers: [String: ObservedContainer]
    ) -> Plan {
        var options = Planner.Options(
            prunes: input.prunes, held: desired.diagnostics.resourcesInError, suspended: suspended.resources,
            detectOnly: input.detectOnly, obstacles: desired.obstacles,
            departing: desired.departing(facts.processes.keys),
            reasons: ProcessEnds.reasons(desired.objects) { containers[$0]?.end })
        var plan = Planner.plan(desired: desired.objects, observation: observation, options: options)
        // What was last applied only words the causes; it is read only where there is something to word.
        if !plan.isEmpty || !plan.withheld.isEmpty {
            options.lastApplied = applied.fields(
                of: desired.objects + (plan.changes + plan.withheld).compactMap(\.before))
            plan = Planner.plan(desired: desired.objects, observation: observation, options: options)
            if !input.resources.services.isEmpty { plan.follow(Self.readiness) }
        }
        plan.diagnostics = suspended.notes + desired.diagnostics + plan.diagnostics
        return plan
    }

    private func observeImages(_ containers: [Container], _ observation: inout Observation, _ facts: inout HostFacts) {
        var seen: Set<String> = []
        for container in containers where seen.insert(container.image.text).inserted {
            let source = container.image
            facts.imageProblems[source.text] = store.problem(source)
            let known = store.resolve(source)
            // Where the source is gone, what runs from it is still as good as it was.
            let digest = known ?? runningDigest(of: source, observation)
            facts.images[source.text] = digest
            guard let digest, known == nil || (try? store.image(source)) != nil else { continue }
            observation.insert(KernelObject(.image(source), fields: [Field(.digest, .string(digest))]))
        }
    }

    private func runningDigest(of source: ImageSource, _ observation: Observation) -> String? {
        let processes = observation.objects.values.filter { $0.id.kind == .process && $0.string(.state) == "running" }
        return processes.lazy.filter { $0.string(.image) == source.text }.compactMap { $0.string(.digest) }.min()
    }

    /// The handlers of a pass over these resources.
    func handlers(_ containers: [Container], living: [String: ObservedContainer]) throws(Diagnostic)
        -> [any ObjectHandler]
    {
        let runtime = try ContainerRuntime(layout: layout)
        var namespaces = living.compactMapValues {
            $0.state == .running ? $0.process.map { "/proc/\($0.pid)/ns/net" } : nil
        }
        for container in containers {
            guard let name = container.sandboxOf, namespaces[name] == nil else { continue }
            namespaces[name] = namespaces[container.metadata.name]
        }
        let paths = namespaces
        return host.handlers(namespaceOfProcess: { paths[$0] }) + [
            ImageHandler(store: store, containers: containers),
            ProcessHandler(
                runtime: runtime, store: store, containers: containers, sandboxPath: { SandboxDirectory.path($0) }),
            ForwarderHandler(layout: layout),
            NameServerHandler(
                layout: layout, sockets: { [host] in host.nameSockets() }, upstream: LinuxHost.nameServers,
                memory: namesRead),
        ]
    }

    /// Ends what earlier passes left half-done: helpers, half-made containers, stale mounts.
    ///
    /// It must run under the pass's lock: what another pass is just making would look the same. `helpers: false` spares
    /// running helpers: whoever checks the health of containers has some of its own.
    func removeLeftovers(_ known: [String: ObservedContainer], helpers: Bool = true) async -> [Diagnostic] {
        MemoryFile.removeAbandoned(in: "\(settings.dataDirectory)/memory")
        MemoryFile.removeAbandoned(in: "\(settings.runtimeDirectory)/\(settings.set)")
        guard let cgroups = try? Cgroups.read() else { return [] }
        let finder = LeftoverFinder(layout: layout, cgroups: cgroups)
        let leftovers = finder.find(helpers: helpers, conmons: Set(known.values.compactMap { $0.conmon?.pid }))
        return leftovers.isEmpty ? [] : await finder.remove(leftovers)
    }

    /// Closes what a pass kept open and notes what the next one may want to know.
    func finish(_ look: Look) {
        host.endPass()
        hints.save(look.desired)
        try? host.share(sysctls: look.desired.objects.filter { $0.id.kind == .sysctl })
        noteExits(look)
        let open = Set(look.plan.changes.map(\.id))
        // Of what is suspended the old record stays: it tells, when that is resumed, what happened to it meanwhile.
        let kept = Set(look.plan.withheld.filter { $0.cause.kind != .drift }.map(\.id))
        // What was held back is not there, and was not taken away by anybody.
        let there = look.desired.objects.filter { !open.contains($0.id) && look.observation.objects[$0.id] != nil }
        applied.write(there, keeping: kept)
    }

    /// A job may end after the pass that started it: so each pass notes what has ended since, if anything has.
    func noteExits(_ look: Look) { exits.note(look) }

    /// Forgets what only our own objects needed.
    public func forget() {
        hints.forget()
        exits.forget()
        applied.forget()
        Suspensions.forget(settings)
        ManifestMemory.forget(dataDirectory: settings.dataDirectory, set: settings.set)
        if let runtime = try? ContainerRuntime(layout: layout) { runtime.removeSharedState() }
    }
}
