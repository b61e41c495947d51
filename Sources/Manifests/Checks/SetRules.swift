import Model

/// All resources of a set that could be read, for rules that look beyond one.
struct ResourceIndex {
    let networks: [Network]
    let containers: [Container]
    /// Containers that some document names, with errors or without.
    let declaredContainers: Set<String>
    let services: [Service]
    /// The containers, and the templates of services: all that attaches to networks.
    let workloads: [Container]
    /// The same, and for each service what has its ports: all that publishes.
    let publishers: [Container]
    /// Networks that some document names, with errors or without: a reference to one is not dangling.
    let declaredNetworks: Set<String>
    /// Resources that break a rule of their own.
    let unsound: Set<ResourceID>
    /// Those that could be read in whole, by name; the first of duplicates.
    let network: [String: Network]
    /// Only files were named: what is missing may be in a file beside them.
    let isPartial: Bool
    /// A network that no document names may be in one that cannot be read.
    let mayHideNetworks: Bool
    private let partial: Set<ResourceID>

    init(_ files: [ManifestFile], isPartial: Bool = false) {
        self.isPartial = isPartial
        networks = files.flatMap(\.content.networks)
        containers = files.flatMap(\.content.containers)
        services = files.flatMap(\.content.services)
        workloads = containers + services.map(\.template)
        publishers = workloads + services.map(\.front)
        unsound = files.reduce(into: []) { $0.formUnion($1.content.unsound) }
        var declared = Set<String>()
        for file in files { for id in file.declared where id.kind == .network { declared.insert(id.name) } }
        declaredNetworks = declared
        declaredContainers = Set(files.flatMap { $0.declared.filter { $0.kind == .container }.map(\.name) })
        mayHideNetworks = files.contains { $0.content.mayHideNetworks }
        let partial = files.reduce(into: Set<ResourceID>()) { $0.formUnion($1.content.partial) }
        self.partial = partial
        let whole = partial.isEmpty ? networks : networks.filter { !partial.contains($0.id) }
        network = Dictionary(whole.map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether it is known on which nodes a resource is: not where its selector is among what could not all be read.
    func isPlaced(_ id: ResourceID, _ metadata: Metadata) -> Bool {
        partial.isEmpty || !partial.contains(id) || metadata.fieldPositions["nodeSelector"] == nil
    }

    /// The same of a container. The template of a service is where the service is.
    func isPlaced(_ container: Container) -> Bool {
        guard !partial.isEmpty, let id = container.id.service else {
            return isPlaced(container.id, container.metadata)
        }
        return services.first { $0.id == id }.map { isPlaced($0.id, $0.metadata) } ?? true
    }
}

/// The rules that concern several resources: one line a rule.
enum SetRules {
    private static let all: [@Sendable (ResourceIndex, inout Findings) -> Void] = [
        DuplicateRule.check,
        ReferenceRule.check,
        AddressRule.check,
        EndpointRule.check,
        HostPortRule.check,
        SubnetRule.check,
        LinkNameRule.check,
        VNIRule.check,
        ParentRule.check,
        SandboxRule.check,
        ServiceNameRule.check,
    ]

    static func check(_ index: ResourceIndex) -> [Diagnostic] {
        var findings = Findings()
        for rule in all { rule(index, &findings) }
        return findings.diagnostics
    }
}

/// A kind and name stands for one resource.
enum DuplicateRule {
    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        check(index.networks.map { ($0.id, $0.metadata) }, &findings)
        check(index.containers.map { ($0.id, $0.metadata) }, &findings)
        check(index.services.map { ($0.id, $0.metadata) }, &findings)
    }

    private static func check(_ resources: [(ResourceID, Metadata)], _ findings: inout Findings) {
        var first: [ResourceID: SourcePosition?] = Dictionary(minimumCapacity: resources.count)
        for (id, metadata) in resources {
            guard let earlier = first.updateValue(metadata.position, forKey: id) else { continue }
            first[id] = earlier
            findings.report(
                "duplicate-resource", "\(id) is described twice",
                hint: earlier.map { "it is described first at \($0); remove one, or give it another name" }, id,
                metadata,
                at: "metadata.name")
        }
    }
}

/// A network that a container names exists.
enum ReferenceRule {
    /// Names that are searched for what was meant; past so many, the manifests lack more than a letter.
    private static let searches = 100

    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        if index.mayHideNetworks { return }
        var hints: [String: String] = [:]
        lazy var known = index.declaredNetworks.sorted() + Predefined.networks
        for container in index.workloads {
            for (place, attachment) in container.networks.enumerated() {
                let name = attachment.network
                if attachment.container != nil { continue }
                if index.network[name] != nil || index.declaredNetworks.contains(name) { continue }
                if Predefined.networks.contains(name) { continue }
                let path = "networks[\(place)]"
                let field = container.metadata.fieldPositions["\(path).name"] == nil ? path : "\(path).name"
                let near = hints.count < searches ? NearestName.hint(for: name, among: known) : nil
                let hint = hints[name] ?? near ?? missing(name, index)
                hints[name] = hint
                findings.report("unknown-network", "no network \(quoted(name))", hint: hint, container, at: field)
            }
        }
    }

    private static func missing(_ name: String, _ index: ResourceIndex) -> String {
        let remedy = "add a manifest of kind Network named \(name), or use bridge, host or none"
        guard index.isPartial else { return remedy }
        return "if another file describes it, name that file too, or the directory of both; else \(remedy)"
    }
}
