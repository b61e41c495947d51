import Drivers
import Fleet
import Model

extension Engine {
    /// An engine that knows of the fleet what etcd says now, where this host is in one. For commands: an agent is a member
    /// itself. Where etcd does not answer nothing of the networks that span nodes is touched.
    public static func opened(_ settings: EngineSettings) async throws(Diagnostic) -> Engine {
        let directory = FleetDirectory(dataDirectory: settings.dataDirectory)
        guard directory.exists else { return try Engine(settings) }
        let membership = try directory.read()
        let view =
            (try? await FleetControl.view(of: membership))
            ?? FleetView(fleet: membership.fleet, node: membership.node)
        let facts = FleetFacts(view)
        return try Engine(settings) { facts }
    }
}
