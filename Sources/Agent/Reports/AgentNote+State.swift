import Model

extension AgentNote {
    /// What the agent knows of a resource that keeps it from being ready; `nil` where it knows nothing.
    func state(of resource: ResourceID) -> (state: StatusReport.State, reason: String)? {
        if let dispute = contended.first(where: { $0.resource == resource }) {
            return (.reconciling, "contended: somebody keeps changing \(dispute.object) (\(dispute.field))")
        }
        guard resource.kind == .container else { return nil }
        if let until = waiting[resource.name], until > Timestamp.now() {
            return (.reconciling, "ended; starts again at \(Timestamp.text(until))")
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
