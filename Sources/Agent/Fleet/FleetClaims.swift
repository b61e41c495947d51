import Drivers
import Fleet
import Model
import Synchronization

/// What this node wants to hold in its fleet: it asks for it and gives back what it needs no more, beside the agent's
/// loop. What comes of that is news of the fleet like any other.
final class FleetClaims: Sendable {
    private let session: FleetSession
    private let known = Mutex<Known>(Known())
    private let wishes: AsyncStream<FleetWants>
    private let wish: AsyncStream<FleetWants>.Continuation

    private struct Known {
        /// What was asked for last, what that followed from, and by which revision.
        var wants: FleetWants?
        var needs: FleetWants.Needs?
        var turns: [TurnNeed] = []
        var attended: Int64 = -1
        var settling = FleetSettling()
        var draining = FleetDraining()
        /// Some time is over that a pass was put off for.
        var isDue = false
        var problem: Diagnostic?
    }

    /// Which replicas of a service want to be updated, the first ones first, and which are being updated.
    struct TurnNeed: Hashable, Sendable {
        let service: Service
        let local: [String]
        let waiting: [String]
        let held: Set<String>
    }

    init(_ session: FleetSession) {
        self.session = session
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Asks for what is wanted, until ``stop``.
    func run() async { for await wants in wishes { await ask(wants) } }

    /// Asks for nothing more.
    func stop() { wish.finish() }

    /// Why the last wish came to nothing.
    var problem: Diagnostic? { known.withLock(\.problem) }

    /// The replicas that are to leave this node and run here still, as containers: traffic is to be kept from them.
    var leaving: Set<String> { known.withLock { $0.draining.containers } }

    /// True, once, where a time is over that something was put off for.
    func takeDue() -> Bool {
        known.withLock { known in
            defer { known.isDue = false }
            if known.isDue { known.attended = -1 }
            return known.isDue
        }
    }

    /// Facts without the replicas that are to end here now.
    func withoutEnded(_ facts: FleetFacts) -> FleetFacts {
        let (draining, now) = (known.withLock(\.draining), ContinuousClock.now)
        guard !draining.isEmpty else { return facts }
        var facts = facts
        for (service, numbers) in facts.replicas {
            facts.replicas[service] = numbers.filter { !draining.isOver(.replica(service: service, $0), at: now) }
        }
        return facts
    }

    /// Asks for what a pass needs. Only after it anything is given back.
    func need(_ needs: FleetWants.Needs) {
        known.withLock { ($0.needs, $0.attended) = (needs, -1) }
        attend()
    }

    /// Asks for what is needed, where the fleet or the needs are others than when it was last asked.
    func attend(turns: [TurnNeed]? = nil) {
        let (view, now) = (session.view, ContinuousClock.now)
        let (wants, isLeaving, times): (FleetWants?, Bool, [ContinuousClock.Instant?]) = known.withLock { known in
            let isSame = turns.map { $0 == known.turns } ?? true
            if let turns { known.turns = turns }
            guard let needs = known.needs, FleetFacts.isKnown(view), !isSame || known.attended != view.revision else {
                return (nil, false, [])
            }
            known.attended = view.revision
            var wants = FleetWants(needs, view)
            known.draining.follow(wants.leaving, at: now)
            // Until this node is a member, nobody can be waited for.
            let end = view.nodes[view.node] == nil ? now : known.settling.deadline(Set(view.nodes.keys), at: now)
            wants = wants.withholding(replicas: end != nil, releases: !needs.isDone)
            for need in known.turns {
                let more = FleetTurns(need.service, local: need.local, view).wants(need.waiting, held: need.held)
                wants.requests += more.requests
                wants.releases += more.releases
            }
            defer { known.wants = wants }
            let isLeaving = known.wants?.leaving != wants.leaving
            return (wants, isLeaving, [end, isLeaving ? known.draining.deadline(after: now) : nil])
        }
        for time in times.compactMap({ $0 }) where time > now { wake(at: time) }
        if let wants, !wants.isEmpty { wish.yield(wants) }
        // From what is to end here traffic is kept at once.
        if isLeaving { session.wake.signal() }
    }

    /// How an update of a service stands in the fleet; `nil` where nothing is known of it.
    func turns(of service: Service, local: [String]) -> FleetTurns? {
        let view = session.view
        return view.revision > 0 ? FleetTurns(service, local: local, view) : nil
    }

    /// Makes the agent look again at a time.
    private func wake(at time: ContinuousClock.Instant) {
        Task.detached { [weak self] in
            try? await Task.sleep(until: time, clock: .continuous)
            self?.known.withLock { $0.isDue = true }
            self?.session.wake.signal()
        }
    }

    /// Asks for claims, again where etcd does not answer, until something else is wanted.
    private func ask(_ wants: FleetWants) async {
        var problem: Diagnostic?
        do throws(Diagnostic) {
            for (name, candidates) in wants.networks.sorted(by: { $0.key < $1.key }) {
                guard try await session.claimNetwork(name, candidates: candidates) == nil else { continue }
                problem = Diagnostic(
                    code: "vni-taken", "each VNI that network \(name) could have is another network's",
                    hint: "choose one: overlay: { vni: … }", resource: .network(name))
            }
            if !wants.requests.isEmpty { _ = try await session.claim(wants.requests) }
            if !wants.releases.isEmpty { try await session.release(wants.releases) }
        } catch {
            problem = error
            try? await Task.sleep(for: .seconds(1))
            if known.withLock({ $0.wants == wants }) { wish.yield(wants) }
        }
        known.withLock { $0.problem = problem }
    }
}
