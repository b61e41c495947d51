import Model

extension ResourceSet {
    /// All containers: those of the manifests, and the replicas of services that this node runs. On a host that is in no
    /// fleet these are all.
    ///
    /// A replica that is ready has the service's name as a further name on its networks.
    public func workloads(_ facts: HostFacts) -> [Container] {
        guard !services.isEmpty else { return containers }
        return containers
            + services.flatMap { service in
                let name = service.metadata.name
                let numbers = facts.fleet.map { $0.replicas[name] ?? [] } ?? Array(0..<service.replicas).map { $0 + 1 }
                return numbers.map { number in
                    var replica = service.replica(number)
                    guard !facts.unready.contains(replica.metadata.name) else { return replica }
                    for index in replica.networks.indices where !replica.networks[index].aliases.contains(name) {
                        replica.networks[index].aliases.append(name)
                    }
                    return replica
                }
            }
    }
}
