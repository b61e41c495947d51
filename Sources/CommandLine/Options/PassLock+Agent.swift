import Agent
import LinuxHost
import Model

extension PassLock {
    /// The lock of a set, for a command. Where the set's agent has it, what is thrown says what that means.
    convenience init(_ settings: EngineSettings) throws(Diagnostic) {
        do { try self.init(set: settings.set) } catch {
            guard error.code == "locked", let agent = AgentNote.read(settings) else { throw error }
            throw Diagnostic(
                code: "locked", "the agent of set \(settings.set) is running, process \(agent.process)",
                cause: agent.manifests.isEmpty ? nil : "it keeps the set as \(agent.manifests) says",
                hint: "change the manifests there, or stop it: systemctl stop reconcile, or kill \(agent.process)")
        }
    }
}
