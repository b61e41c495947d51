import Model

/// What a restart policy wants of a container, by how its last process ended.
public enum RestartRule {
    /// `running`, or `exited` where the process ended as its policy allows and is as it should be.
    public static func desiredState(_ container: Container, _ process: ProcessFacts?) -> String {
        guard let process, process.state == "exited" else { return "running" }
        switch container.restart {
        case .always: return "running"
        case .onFailure: return process.exitCode == 0 ? "exited" : "running"
        case .never: return "exited"
        }
    }
}
