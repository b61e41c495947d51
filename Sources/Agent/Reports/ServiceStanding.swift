import Drivers
import Model
import Planning

/// How a service stands, by what a look showed and what an agent knows of its replicas.
struct ServiceStanding {
    /// As the manifests have it; `nil` for one that they do not name any more.
    let service: Service?
    /// Its replicas, desired or present, in the order of their numbers.
    let replicas: [String]
    /// How many there are to be.
    let desired: Int
    /// Those that run.
    let running: Set<String>
    /// Those that run, and are not known to be unwell.
    let ready: Set<String>
    /// Those that still run by an older template.
    let outdated: Set<String>
    /// How those ended that did.
    private let ends: [String: ProcessEnd]

    init(_ resource: ResourceID, _ look: Look, _ agent: AgentNote?) {
        let service = look.desired.services.first { $0.id == resource }
        self.service = service
        let wanted = look.desired.containers.map(\.id).filter { $0.service == resource }
        let present = look.containers.keys.map { ResourceID.container($0) }.filter { $0.service == resource }
        replicas = Set(wanted + present).map(\.name).sorted {
            (ReplicaName($0)?.number ?? 0) < (ReplicaName($1)?.number ?? 0)
        }
        desired = wanted.count
        running = Set(replicas.filter { look.containers[$0]?.state == .running })
        ready = running.filter { name in
            agent?.health[name].map { $0.status == .healthy } ?? true && agent?.unready.contains(name) != true
        }
        ends = Dictionary(
            replicas.compactMap { name in look.containers[name]?.end.map { (name, $0) } }, uniquingKeysWith: { $1 })
        outdated = RollingUpdate.disrupted(look.plan).intersection(replicas)
    }

    /// What `status` says of it.
    func state(_ agent: AgentNote?, _ failure: String?) -> (state: StatusReport.State, reason: String) {
        // In a fleet the others are on other nodes.
        let all = service.map { $0.replicas > desired ? ", of \($0.replicas) in the fleet" : "" } ?? ""
        let count = "\(ready.count)/\(desired) replicas ready\(all)"
        guard !outdated.isEmpty else {
            return ready.count >= desired ? (.ready, count) : (.reconciling, count)
        }
        let updated = "\(desired - outdated.count) of \(desired) replicas updated"
        // Whoever of the new version is unwell keeps all others from being touched.
        for name in replicas where !ready.contains(name) || agent?.waiting[name] != nil {
            guard let told = agent?.state(of: .container(name), end: ends[name]) else { continue }
            let isStopped = told.state == .failed || agent?.waiting[name] != nil
            return (isStopped ? .failed : .reconciling, "update: \(updated), \(count); \(name): \(told.reason)")
        }
        if let failure { return (.failed, failure) }
        return (.reconciling, "update: \(updated), \(count)")
    }
}
