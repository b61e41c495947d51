import Model

/// What runs now as resources: the way back from observed objects to what asks for them. Pure.
///
/// What no object shows is not there: labels, annotations, node selectors, and what of a subnet only choices of addresses
/// depend on.
public struct Recovery: Sendable {
    /// The resources. Planned against the same host they change nothing, except for `inexact`.
    public let resources: ResourceSet
    /// What runs in part only and cannot be told as a resource, with why.
    public let diagnostics: [Diagnostic]

    /// Recovers from the objects of a set. Facts are those of the same look.
    public init(objects: [ObjectID: KernelObject], facts: HostFacts, set: String) {
        var owned: [ResourceID: [KernelObject]] = [:]
        // A pulled image is nobody's, whoever asked for it first.
        for object in objects.values where object.id.kind.isPruned {
            if let owner = object.owner { owned[owner, default: []].append(object) }
        }
        // Some networks have nothing of their own: their containers' links tell what they are.
        for (network, parts) in Self.endpoints(objects) { owned[.network(network), default: []] += parts }
        var networks: [Network] = []
        var containers: [Container] = []
        var diagnostics: [Diagnostic] = []
        for (owner, parts) in owned.sorted(by: { $0.key < $1.key }) {
            switch owner.kind {
            case .network:
                let found = DriverRegistry.all.lazy.compactMap { $0.recover(owner.name, parts, facts) }.first
                if let found { networks.append(found) } else { diagnostics.append(Self.unknown(owner)) }
            case .container:
                let process = objects[.process(owner.name)]
                let names = parts.filter { $0.id.kind == .name }
                if let found = process.flatMap({
                    ContainerRecovery.container(owner.name, $0, names: names, facts)
                }) {
                    containers.append(found)
                } else {
                    diagnostics.append(Self.unknown(owner))
                }
            // A service is told by its replicas.
            case .service, .host: break
            }
        }
        let trial = EndpointRecovery(
            objects: objects, facts: facts, set: set,
            networks: Dictionary(networks.map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first }))
        let settled = trial.settle(containers)
        let services = ServiceRecovery(settled.filter { $0.id.service != nil }, objects, facts)
        let told = Set(services.services.map(\.id))
        for owner in owned.keys.sorted() where owner.kind == .service && !told.contains(owner) {
            diagnostics.append(Self.unknown(owner))
        }
        self.diagnostics = diagnostics + services.diagnostics
        resources = ResourceSet(
            networks: networks, containers: settled.filter { $0.id.service == nil }, services: services.services)
    }

    /// What is on the links of containers, and those links, by network.
    private static func endpoints(_ objects: [ObjectID: KernelObject]) -> [String: [KernelObject]] {
        var networks: [ObjectID: String] = [:]
        for object in objects.values where object.id.kind == .link && !object.id.sandbox.isEmpty {
            networks[object.id] = object.string(.alias).flatMap { Mark(alias: $0) }?.network
        }
        var parts: [String: [KernelObject]] = [:]
        for object in objects.values where !object.id.sandbox.isEmpty {
            let link = object.id.kind == .link ? object.id : ObjectID.link(object.id.link, in: object.id.sandbox)
            if let network = networks[link] { parts[network, default: []].append(object) }
        }
        return parts
    }

    private static func unknown(_ resource: ResourceID) -> Diagnostic {
        Diagnostic(
            .warning, code: "not-exported", "what there is of it does not tell what it should be", resource: resource)
    }
}
