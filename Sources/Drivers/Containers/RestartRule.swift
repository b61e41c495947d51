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

    /// True for a container that is nowhere to be seen, but whose last process is remembered to have ended in a way that
    /// its policy lets rest, and ran by what is wanted now.
    public static func rests(_ container: Container, _ process: KernelObject, _ exit: ExitRecord?) -> Bool {
        guard container.restart != .always, let exit, exit.specification == FieldCoding.hash(process.fields) else {
            return false
        }
        return container.restart == .never || exit.code == 0
    }
}
