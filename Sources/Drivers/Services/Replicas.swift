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
                return facts.replicas(of: service).map { number in
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

extension HostFacts {
    /// The numbers of a service's replicas that this node runs: all of them on a host in no fleet, else those that it
    /// holds. Until it is known which these are, what is there goes on.
    func replicas(of service: Service) -> [Int] {
        let name = service.metadata.name
        guard let fleet else { return Array(0..<service.replicas).map { $0 + 1 } }
        guard !fleet.isKnown else { return fleet.replicas[name] ?? [] }
        return processes.keys.compactMap { ReplicaName($0) }.filter { $0.service == name }.map(\.number).sorted()
    }
}
