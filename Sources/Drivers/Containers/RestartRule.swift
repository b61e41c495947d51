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
    /// its policy lets rest, and ran by what is wanted now. `resolver` is the host's /etc/resolv.conf.
    public static func rests(
        _ container: Container, _ process: KernelObject, _ exit: ExitRecord?, resolver: DNSOptions
    ) -> Bool {
        guard container.restart != .always, let exit,
            isSame(exit.specification, container, process, resolver)
        else { return false }
        return container.restart == .never || exit.code == 0
    }

    /// Whether a process was started by the same specification. Records of before names were served hold the lines of
    /// /etc/resolv.conf of then.
    private static func isSame(
        _ specification: String, _ container: Container, _ process: KernelObject, _ resolver: DNSOptions
    ) -> Bool {
        guard specification.hasPrefix("v1:") else { return specification == FieldCoding.hash(process.fields) }
        let plain = Field(.resolver, .list(container.dns.completed(by: resolver).lines))
        return specification == FieldCoding.firstHash(process.fields.map { $0.name == .resolver ? plain : $0 })
    }
}
