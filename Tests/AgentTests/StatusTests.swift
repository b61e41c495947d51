import Drivers
import Manifests
import Model
import Planning
import Testing

@testable import Agent
@testable import Containers

@Suite struct StatusTests {
    private let web = ResourceID.container("web")
    private let front = ResourceID.network("front")

    private func change(_ resource: ResourceID, _ kind: Change.Cause.Kind) -> Change {
        let object = KernelObject(.link("br-front"), owner: resource, fields: [Field(.mtu, 1500)])
        return Change(
            .update, before: object, after: object, fields: [.init(.mtu, before: 1400, after: 1500)],
            cause: Change.Cause(kind, ""))
    }

    private func report(
        _ plan: Plan, _ suspensions: Suspensions = Suspensions(), agent: AgentNote? = nil
    ) -> StatusReport {
        let resources = ResourceSet(
            networks: [Network(metadata: Metadata(name: "front"))],
            containers: [
                Container(
                    metadata: Metadata(name: "web"), image: .registry("x"), networks: [Attachment(network: "front")])
            ])
        let desired = DesiredState(resources: resources, facts: HostFacts(), set: "default")
        let look = Look(
            plan: plan, desired: desired, observation: Observation(), containers: [:], facts: HostFacts())
        return StatusReport(look, lastPass: nil, suspensions: suspensions, agent: agent)
    }

    private func entry(_ report: StatusReport, _ resource: ResourceID) -> StatusReport.Entry? {
        report.entries.first { $0.resource == resource }
    }

    /// What runs is as it should be, but what should run now is not what runs.
    @Test func aCommitThatIsNotTaken() {
        var agent = AgentNote()
        agent.rollout = RolloutStanding(revision: "c2", state: "waiting", reason: "n1 is changing")
        #expect(report(Plan(), agent: agent).isReady)
        agent.rollout?.state = "failed"
        #expect(!report(Plan(), agent: agent).isReady)
        agent.rollout = nil
        agent.branch = BranchStanding(json: ["branch": "main", "url": "/srv/site", "since": nil])
        #expect(report(Plan(), agent: agent).isReady)
        agent.branch = BranchStanding(
            json: [
                "branch": "main", "url": "/srv/site", "since": "2026-01-02T03:04:05.000Z", "message": "cannot reach it",
            ])
        #expect(!report(Plan(), agent: agent).isReady)
        #expect(agent.branch?.text == "Branch main is not followed since 2026-01-02T03:04:05.000Z: cannot reach it.")
    }

    @Test func readyAndDrifted() {
        #expect(report(Plan()).isReady)
        let drifted = report(Plan(changes: [change(front, .drift)]))
        #expect(!drifted.isReady && entry(drifted, web)?.state == .ready)
        #expect(entry(drifted, front)?.reason == "drifted: change link br-front (mtu 1400 -> 1500)")
        #expect(entry(drifted, front)?.state == .reconciling)
        #expect(entry(report(Plan(changes: [change(front, .manifest)])), front)?.reason.hasPrefix("to do: ") == true)
    }

    @Test func reportedDriftIsNotReady() {
        var plan = Plan()
        plan.withheld = [change(front, .drift)]
        let entry = entry(report(plan), front)
        #expect(entry?.state == .reconciling)
        #expect(entry?.reason == "drifted, reported only: change link br-front (mtu 1400 -> 1500)")
    }

    @Test func suspendedIsNeverGreen() {
        var suspensions = Suspensions()
        _ = suspensions.suspend(front, at: 1_767_225_907_042)
        _ = suspensions.suspend(.container("gone"), at: 1_767_225_907_042)
        let clean = report(Plan(), suspensions)
        #expect(!clean.isReady && entry(clean, web)?.state == .ready)
        #expect(entry(clean, front)?.state == .suspended)
        #expect(entry(clean, front)?.reason == "since 2026-01-01T00:05:07.042Z")
        #expect(entry(clean, front)?.since == 1_767_225_907_042)
        #expect(entry(clean, .container("gone"))?.state == .suspended, "what exists nowhere is suspended too")
        var plan = Plan()
        plan.withheld = [change(front, .drift), change(front, .manifest)]
        #expect(
            entry(report(plan, suspensions), front)?.reason
                == "since 2026-01-01T00:05:07.042Z; drifted: change link br-front (mtu 1400 -> 1500) and 1 more")
        _ = suspensions.suspendAll(at: 1)
        #expect(report(Plan(), suspensions).entries.allSatisfy { $0.state == .suspended })
    }

    private func look(_ plan: Plan = Plan(), _ web: ObservedContainer? = nil, restart: RestartPolicy = .always) -> Look
    {
        var container = Container(
            metadata: Metadata(name: "web", position: SourcePosition(file: "m/web.yaml", line: 1, column: 1)),
            image: .registry("x"), networks: [Attachment(network: "none")])
        container.restart = restart
        var facts = HostFacts()
        if let web {
            facts.processes["web"] = ProcessFacts(state: web.state.rawValue, exitCode: web.exitCode.map(Int.init))
        }
        let desired = DesiredState(resources: ResourceSet(containers: [container]), facts: facts, set: "default")
        return Look(
            plan: plan, desired: desired, observation: Observation(), containers: web.map { ["web": $0] } ?? [:],
            facts: facts)
    }

    private func ended(_ code: Int32) -> ObservedContainer {
        ObservedContainer(
            id: ContainerID(new: "web"), set: "default", spec: "", image: "", state: .exited, conmonAlive: false,
            exitCode: code, startedAt: 1)
    }

    /// It is as its policy wants it, but its work was not done.
    @Test func aJobThatFailedIsNotWell() throws {
        let failed = StatusReport(look(ended(3), restart: .never), lastPass: nil)
        #expect(entry(failed, web)?.state == .failed && entry(failed, web)?.reason == "exited with code 3")
        #expect(entry(failed, web)?.end?.exitCode == 3 && !failed.isReady)
        let resources = try #require(failed.json["resources"]?.array)
        #expect(resources.first { $0["resource"]?.string == "container/web" }?["exitCode"]?.int == 3)
        let done = StatusReport(look(ended(0), restart: .never), lastPass: nil)
        #expect(entry(done, web)?.state == .ready && entry(done, web)?.reason == "exited with code 0" && done.isReady)
    }

    private func look(_ web: ObservedContainer, restart: RestartPolicy) -> Look { look(Plan(), web, restart: restart) }

    @Test func whatWaitsSaysHowItEnded() throws {
        var agent = AgentNote()
        agent.waiting["web"] = 4_102_444_800_000
        let report = StatusReport(look(ended(5), restart: .always), lastPass: nil, agent: agent)
        #expect(
            entry(report, web)?.reason == "exited with code 5; starts again at 2100-01-01T00:00:00.000Z")
    }

    private func input(_ held: [String: String], _ rejected: [Diagnostic]) -> PassInput {
        PassInput(insteadOf: rejected, ManifestSnapshot(files: []), paths: ["m"], held: held)
    }

    /// Once it said "to do: delete" of what the agent keeps.
    @Test func whatIsHeldSaysWhy() {
        let error = Diagnostic(
            code: "unknown-field", "unknown field", resource: web,
            position: SourcePosition(file: "m/web.yaml", line: 6, column: 3))
        let held = ["m/web.yaml": "held at its last good version: web.yaml:6:3: unknown field"]
        let report = StatusReport(look(), of: input(held, [error]), lastPass: nil)
        #expect(entry(report, web)?.state == .ready && entry(report, web)?.reason == held["m/web.yaml"])
        #expect(!report.isReady && report.isLastGood && report.json["lastGood"]?.bool == true)
        #expect(report.json["diagnostics"]?.array?.first?["code"]?.string == "unknown-field")
    }

    /// A resource that is only in a file that never was good.
    @Test func whatNeverWasGoodHasFailed() {
        let error = Diagnostic(
            code: "unknown-field", "unknown field", resource: .container("new"),
            position: SourcePosition(file: "m/new.yaml", line: 6, column: 3))
        let report = StatusReport(look(), of: input([:], [error]), lastPass: nil)
        let new = entry(report, .container("new"))
        #expect(new?.state == .failed && new?.reason == "m/new.yaml:6:3: unknown field")
        #expect(entry(report, web)?.reason == "")
    }
}
