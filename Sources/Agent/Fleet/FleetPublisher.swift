import Drivers
import Fleet
import Model
import Synchronization

/// What the other members are told of this node: how it is, what runs on it, and what of that is well. What is the same as
/// before is told by nobody.
final class FleetPublisher: Sendable {
    private let session: FleetSession
    private let options: FleetOptions
    /// What was told last.
    private let last = Mutex<FleetPublication?>(nil)

    init(_ session: FleetSession, _ options: FleetOptions) {
        self.session = session
        self.options = options
    }

    /// Tells, before a pass changes anything, that this node is there and what it is about to run. What is about to end is
    /// told of as not well, so that nothing new is sent to it.
    func begins(_ look: Look, revision: String, unready: Set<String>) async {
        let last = last.withLock { $0 }
        let isSame = last?.node.revision == revision
        var publication = publication(
            look, revision, isSame ? last?.node.health ?? .reconciling : .reconciling,
            isSame ? last?.node.message : nil, unready)
        let own = Set(publication.endpoints.map { "\($0.network)/\($0.container)" })
        for var endpoint in last?.endpoints ?? [] {
            guard look.containers[endpoint.container] != nil, !own.contains("\(endpoint.network)/\(endpoint.container)")
            else { continue }
            endpoint.isHealthy = false
            publication.endpoints.append(endpoint)
        }
        await publish(publication)
    }

    /// Tells what became of a pass.
    func passed(
        _ look: Look, revision: String, _ health: NodeEntry.Health, _ message: String?, unready: Set<String>
    ) async { await publish(publication(look, revision, health, message, unready)) }

    /// Tells that this node is there and not well: a pass came to nothing. What was known of it stays so, also what a
    /// former life of this node left; until that is known, nothing is told.
    func failed(_ problem: Diagnostic) async {
        guard var publication = last.withLock({ $0 }) ?? FleetPublication(leftIn: session.view) else { return }
        publication.node.vtep = options.tunnel ?? publication.node.vtep
        publication.node.labels = options.labels
        publication.node.health = .failed
        publication.node.message = problem.message
        await publish(publication)
    }

    /// Tells which endpoints are not ready now, where that is not known yet.
    func tell(unready: Set<String>) async {
        let changed = last.withLock { last -> FleetPublication? in
            guard let known = last else { return nil }
            let next = known.with(unready: unready)
            guard next != known else { return nil }
            last = next
            return next
        }
        if let changed { await session.publish(changed) }
    }

    private func publish(_ publication: FleetPublication) async {
        last.withLock { $0 = publication }
        await session.publish(publication)
    }

    private func publication(
        _ look: Look, _ revision: String, _ health: NodeEntry.Health, _ message: String?, _ unready: Set<String>
    ) -> FleetPublication {
        let node = session.view.node
        var publication = FleetPublication(
            look.desired, look.facts.fleet ?? FleetFacts(node: node),
            node: NodeEntry(
                name: node, vtep: look.facts.ownTunnel, labels: options.labels, revision: revision, health: health,
                message: message),
            unready: unready)
        // Who waits for something, such as a name that another node has, is not there yet.
        let held = look.plan.diagnostics.resourcesInError
        publication.endpoints.removeAll {
            held.contains(.container($0.container)) && look.containers[$0.container] == nil
        }
        return publication
    }
}
