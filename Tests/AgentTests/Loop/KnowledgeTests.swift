import Drivers
import LinuxHost
import Manifests
import Model
import Planning
import Testing

@testable import Agent
@testable import Containers

@Suite struct KnowledgeTests {
    private func container(_ name: String, _ restart: RestartPolicy) -> Container {
        var container = Container(
            metadata: Metadata(name: name), image: .registry("x"), networks: [Attachment(network: "front")])
        container.restart = restart
        return container
    }

    private func found(_ name: String, _ state: ObservedContainer.State, exitCode: Int32? = nil) -> ObservedContainer {
        ObservedContainer(
            id: ContainerID(new: name), set: "default", spec: "", image: "", state: state, conmonAlive: true,
            exitCode: exitCode, startedAt: 0)
    }

    private func knowledge(exits: [String: ExitRecord] = [:], _ containers: Container...) -> Knowledge {
        var input = PassInput.nothing
        input.resources = ResourceSet(
            networks: [Network(metadata: Metadata(name: "front"))], containers: containers)
        let desired = DesiredState(resources: input.resources, facts: HostFacts(), set: "default")
        let observation = Observation(objects: desired.objects)
        return Knowledge(
            Look(plan: Plan(), desired: desired, observation: observation, containers: [:], facts: HostFacts()), input,
            exits: exits)
    }

    /// What should be the process's state once it was seen as `seen`.
    private func wanted(_ restart: RestartPolicy, _ seen: ObservedContainer?) -> String? {
        var knowledge = knowledge(container("web", restart))
        knowledge.refresh([.container("web"): Observation()], containers: seen.map { ["web": $0] } ?? [:])
        return knowledge.desired(in: [.container("web")]).first { $0.id == .process("web") }?.string(.state)
    }

    @Test(arguments: [
        (RestartPolicy.always, Int32?(0), "running"), (.always, 1, "running"), (.onFailure, 0, "exited"),
        (.onFailure, 1, "running"), (.onFailure, nil, "running"), (.never, 0, "exited"), (.never, 1, "exited"),
        (.never, nil, "exited"),
    ])
    func anEndedProcessIsWantedAsItsPolicySays(_ restart: RestartPolicy, _ code: Int32?, _ state: String) {
        #expect(wanted(restart, found("web", .exited, exitCode: code)) == state)
    }

    /// A pass that was overtaken left something to do: the repair after it told of drift that nobody had made.
    @Test func whatIsOwedIsNoDrift() {
        var knowledge = knowledge()
        let (owed, drifted) = (KernelObject(.link("br-front")), KernelObject(.link("br-other")))
        knowledge.owe(
            Plan(changes: [
                Change(.create, before: nil, after: owed, cause: .init(.manifest, "needed")),
                Change(.create, before: nil, after: drifted, cause: .init(.drift, "deleted outside of reconcile")),
            ]))
        #expect(knowledge.shifted[owed.id]?.why == "needed" && knowledge.shifted[drifted.id] == nil)
        knowledge.forgetShift(in: [Scope(of: owed)])
        #expect(knowledge.shifted.isEmpty)
    }

    @Test(arguments: RestartPolicy.allCases) func whatRunsIsWantedRunning(_ restart: RestartPolicy) {
        #expect(wanted(restart, found("web", .running)) == "running")
        #expect(wanted(restart, found("web", .created)) == "running")
        #expect(wanted(restart, nil) == "running")
    }

    /// A scoped look knows, as a full one does, that a job is done of which nothing is left.
    @Test(arguments: [
        (RestartPolicy.never, Int32(3), true), (.onFailure, 0, true), (.onFailure, 3, false), (.always, 0, false),
    ])
    func aJobThatIsDoneStaysSoWithoutItsRecord(_ restart: RestartPolicy, _ code: Int32, _ rests: Bool) {
        var knowledge = knowledge(container("web", restart))
        let scope = Scope.container("web")
        knowledge.refresh([scope: Observation()], containers: ["web": found("web", .exited, exitCode: code)])
        #expect(knowledge.exits["web"]?.code == (rests ? Int(code) : nil))
        knowledge.refresh([scope: Observation()], containers: [:])
        #expect(knowledge.desired(in: [scope]).contains { $0.id == .process("web") } == !rests)
        #expect(knowledge.exits["web"]?.code == (rests ? Int(code) : nil), "it is remembered on")
    }

    @Test func whatRanByAnotherSpecificationRunsAnew() {
        let record = ["web": ExitRecord(code: 0, specification: "v1:other")]
        var knowledge = knowledge(exits: record, container("web", .never))
        knowledge.refresh([.container("web"): Observation()], containers: [:])
        #expect(knowledge.desired(in: [.container("web")]).last?.string(.state) == "running")
        knowledge.refresh([.container("web"): Observation()], containers: ["web": found("web", .running)])
        #expect(knowledge.exits.isEmpty, "what runs has not ended")
    }

    @Test func aJobThatRunsAgainIsWantedRunningAgain() {
        var knowledge = knowledge(container("web", .never))
        for (state, wanted) in [(ObservedContainer.State.exited, "exited"), (.running, "running")] {
            knowledge.refresh(
                [.container("web"): Observation()], containers: ["web": found("web", state, exitCode: 0)])
            #expect(knowledge.desired(in: [.container("web")]).last?.string(.state) == wanted)
        }
    }

    @Test func onlyWhatWasReadIsReplaced() {
        var knowledge = knowledge(container("web", .always), container("db", .never))
        let before = knowledge.observed
        let link = KernelObject(.link("br-front"), owner: .network("front"), fields: [Field(.mtu, 1400)])
        let seen = ["web": found("web", .running), "db": found("db", .exited, exitCode: 0)]
        knowledge.refresh([.link("br-front"): Observation(objects: [link])], containers: seen)
        #expect(knowledge.observed(link.id, in: .link("br-front"))?.int(.mtu) == 1400)
        #expect(knowledge.containers.isEmpty, "containers were not asked for")
        #expect(knowledge.observed[.container("web")]?.objects == before[.container("web")]?.objects)
        let process = knowledge.desired(in: [.container("db")]).last
        #expect(process?.string(.state) == "running", "what was seen of db is of no scope that was read")
        knowledge.refresh([.container("web"): Observation(), .firewall: Observation()], containers: seen)
        #expect(knowledge.containers.keys.sorted() == ["web"])
        #expect(knowledge.observed[.container("web")] == nil && knowledge.observed[.firewall] == nil, "it is gone")
        #expect(knowledge.containers(in: [.container("web"), .firewall]).keys.sorted() == ["web"])
        knowledge.refresh([.container("web"): Observation()], containers: [:])
        #expect(knowledge.containers.isEmpty)
    }

    @Test func placesAreInTheScopeOfTheirObjects() throws {
        let knowledge = knowledge(container("web", .always))
        let veth = try #require(
            knowledge.desired(in: [.container("web")]).first { $0.id.kind == .link && $0.id.sandbox.isEmpty })
        #expect(knowledge.scope(of: .link(veth.id.name)) == .container("web"))
        #expect(knowledge.scope(of: .link("br-front")) == .link("br-front"))
        #expect(knowledge.scope(of: .link("unknown")) == .link("unknown"))
        #expect(knowledge.scope(of: .container("other")) == .container("other"))
        #expect(knowledge.scope(of: .host) == .host)
        #expect(knowledge.specifications(in: [.container("web"), .host]).map(\.metadata.name) == ["web"])
        #expect(knowledge.resourceCount == 0 && knowledge.prunes)
    }

    /// Once the ports of a bridge that was deleted, which are told of first, were to be put into it while it was gone.
    @Test func aLinksBridgeIsLookedAtWithIt() throws {
        let knowledge = knowledge(container("web", .always))
        let web = Scope.container("web")
        let objects = knowledge.desired(in: [web])
        let veth = try #require(objects.first { $0.id.kind == .link && $0.id.sandbox.isEmpty })
        func bridges(_ name: FieldName, _ before: FieldValue, beyond scopes: Set<Scope>) -> Set<Scope> {
            var seen = veth
            seen.fields = veth.fields.map { $0.name == name ? Field(name, before) : $0 }
            let observed = Observation(objects: objects.map { $0.id == veth.id ? seen : $0 })
            return knowledge.bridges(of: Planner.plan(desired: objects, observation: observed), beyond: scopes)
        }
        #expect(bridges(.master, "", beyond: [web]) == [.link("br-front")])
        #expect(bridges(.master, "", beyond: [web, .link("br-front")]).isEmpty)
        #expect(bridges(.mtu, 1400, beyond: [web]).isEmpty, "its master is as it should be")
        let anew = Planner.plan(desired: objects, observation: Observation())
        #expect(knowledge.bridges(of: anew, beyond: [web]) == [.link("br-front")])
    }
}
