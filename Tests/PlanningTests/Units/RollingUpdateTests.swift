import Model
import Planning
import Testing

/// Which replicas an update takes away, and which wait.
@Suite struct RollingUpdateTests {
    /// A plan that makes the processes of some replicas anew, and changes something beside each.
    private func plan(_ replicas: [Int], creating: [Int] = []) -> Plan {
        func process(_ number: Int, _ image: String) -> KernelObject {
            let name = ReplicaName("web", number).text
            return KernelObject(
                .process(name), owner: .container(name),
                fields: [Field(.image, .string(image)), Field(.state, "running")], hangsOn: [.sandbox(name)])
        }
        func address(_ number: Int) -> KernelObject {
            let name = ReplicaName("web", number).text
            return KernelObject(.link("eth0", in: name), owner: .container(name), fields: [Field(.mtu, .int(1400))])
        }
        let image = KernelObject(.image(.registry("new")), owner: .container("web.1"))
        let desired =
            [image] + replicas.flatMap { [address($0), process($0, "new")] } + creating.map { process($0, "new") }
        var observation = Observation()
        for number in replicas {
            observation.insert(process(number, "old"))
            var link = address(number)
            link.fields = [Field(.mtu, .int(1500))]
            observation.insert(link)
        }
        return Planner.plan(desired: desired, observation: observation)
    }

    private func group(_ count: Int, _ maxUnavailable: Int = 1) -> RollingUpdate.Group {
        RollingUpdate.Group(
            service: .service("web"), maxUnavailable: maxUnavailable,
            replicas: (0..<count).map { ReplicaName("web", $0 + 1).text })
    }

    private func decide(
        _ plan: Plan, _ group: RollingUpdate.Group, held: Set<String> = [], _ states: [String: Readiness] = [:]
    ) -> RollingUpdate {
        RollingUpdate(plan, [group], isHeld: held.contains) { states[$0] ?? .ready }
    }

    private func waiting(_ update: RollingUpdate) -> [String] { update.waiting[.service("web")] ?? [] }

    @Test func oneAtATimeInTheirOrder() {
        let update = decide(plan([1, 2, 3]), group(3))
        #expect(update.turn == ["web.1"] && waiting(update) == ["web.2", "web.3"])
        // All of those that wait is put off, but not what is nobody's alone.
        let rest = plan([1, 2, 3]).postponing(update.postponed)
        #expect(Set(rest.changes.filter { $0.id.kind.isPruned }.map(\.resource.name)) == ["web.1"])
        #expect(rest.changes.contains { $0.id.kind == .image })
    }

    @Test func asManyAsMayBeAway() {
        #expect(decide(plan([1, 2, 3]), group(3, 2)).turn == ["web.1", "web.2"])
        let all = decide(plan([1, 2, 3]), group(3, 5))
        #expect(all.turn.count == 3 && all.waiting.isEmpty && all.postponed.isEmpty)
    }

    /// The first one is new already and not ready yet, or failed: nobody else goes.
    @Test(arguments: [Readiness.pending, .away]) func whoIsAwayCounts(_ state: Readiness) {
        let update = decide(plan([2, 3]), group(3), ["web.1": state])
        #expect(update.turn.isEmpty && waiting(update) == ["web.2", "web.3"])
        #expect(decide(plan([2, 3]), group(3, 2), ["web.1": state]).turn == ["web.2"])
    }

    /// In a fleet: only who has a turn goes, and who is away elsewhere counts.
    @Test func turnsOfAFleet() {
        func decide(_ turns: [String: Int], _ maxUnavailable: Int = 1, _ states: [String: Readiness] = [:]) -> Set<
            String
        > {
            let group = RollingUpdate.Group(
                service: .service("web"), maxUnavailable: maxUnavailable, replicas: ["web.1", "web.2", "web.3"],
                turns: turns)
            return self.decide(plan([1, 2, 3]), group, states).turn
        }
        #expect(decide([:]).isEmpty)
        #expect(decide(["web.2": 0]) == ["web.2"])
        #expect(decide(["web.2": 1]).isEmpty && decide(["web.2": 1], 2) == ["web.2"])
        #expect(decide(["web.1": 0, "web.2": 0]) == ["web.1"])
        #expect(decide(["web.1": 0, "web.2": 1], 2) == ["web.1"])
        #expect(decide(["web.1": 0, "web.2": 1], 3) == ["web.1", "web.2"])
        // One that is away needs none.
        #expect(decide([:], 1, ["web.3": .away]) == ["web.3"])
        #expect(decide(["web.1": 0], 1, ["web.3": .pending]).isEmpty)
    }

    /// Whoever is away already costs nothing: so a version that failed is replaced before any that works.
    @Test func whoIsAwayGoesFirst() {
        let update = decide(plan([1, 2, 3]), group(3), ["web.3": .away])
        #expect(update.turn == ["web.3"] && waiting(update) == ["web.1", "web.2"])
    }

    /// Of whom it is not known how they are, none is taken away, and they count as away.
    @Test func nobodyIsTakenAwayUnknown() {
        let update = decide(plan([1, 2]), group(2), ["web.1": .pending])
        #expect(update.turn.isEmpty && waiting(update) == ["web.1", "web.2"])
    }

    @Test func whoStillGetsTrafficStays() {
        let update = decide(plan([1, 2, 3]), group(3), held: ["web.1", "web.3"])
        #expect(update.turn == ["web.2"] && waiting(update) == ["web.1", "web.3"])
    }

    /// What is not there takes nothing away by being made, nor does what changes no process.
    @Test func onlyProcessesThatRun() {
        let update = decide(plan([], creating: [1, 2, 3]), group(3), ["web.1": .away, "web.2": .away])
        #expect(update.turn.isEmpty && update.waiting.isEmpty && update.postponed.isEmpty)
        #expect(RollingUpdate.disrupted(plan([2])) == ["web.2"])
    }

    @Test func servicesDoNotWaitForEachOther() {
        let other = RollingUpdate.Group(service: .service("db"), maxUnavailable: 1, replicas: ["db.1"])
        let update = RollingUpdate(plan([1, 2]), [other, group(2)]) { $0 == "db.1" ? .away : .ready }
        #expect(update.turn == ["web.1"] && waiting(update) == ["web.2"])
    }
}
