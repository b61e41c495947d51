import Model

extension AgentNote {
    /// What the agent knows of a resource that keeps it from being ready; `nil` where it knows nothing. `end` is how its
    /// process ended, where it did.
    func state(of resource: ResourceID, end: ProcessEnd? = nil) -> (state: StatusReport.State, reason: String)? {
        if let dispute = contended.first(where: { $0.resource == resource }) {
            return (.reconciling, "contended: somebody keeps changing \(dispute.object) (\(dispute.field))")
        }
        guard resource.kind == .container else { return nil }
        if let until = waiting[resource.name], until > Timestamp.now() {
            return (.reconciling, "\(end?.description ?? "ended"); starts again at \(Timestamp.text(until))")
        }
        switch health[resource.name]?.status {
        case .starting: return (.reconciling, "health: starting")
        case .unhealthy:
            let output = health[resource.name]?.output.split(whereSeparator: \.isNewline).first.map { ": \($0)" }
            return (.failed, "unhealthy" + (output ?? ""))
        case .healthy, nil: return nil
        }
    }
}
