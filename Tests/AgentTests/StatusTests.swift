import Drivers
import Model
import Planning
import Testing

@testable import Agent

@Suite struct StatusTests {
    private let web = ResourceID.container("web")
    private let front = ResourceID.network("front")

    private func change(_ resource: ResourceID, _ kind: Change.Cause.Kind) -> Change {
        let object = KernelObject(.link("br-front"), owner: resource, fields: [Field(.mtu, 1500)])
        return Change(
            .update, before: object, after: object, fields: [.init(.mtu, before: 1400, after: 1500)],
            cause: Change.Cause(kind, ""))
    }

    private func report(_ plan: Plan, _ suspensions: Suspensions = Suspensions()) -> StatusReport {
        let resources = ResourceSet(
            networks: [Network(metadata: Metadata(name: "front"))],
            containers: [
                Container(
                    metadata: Metadata(name: "web"), image: .registry("x"), networks: [Attachment(network: "front")])
            ])
        let desired = DesiredState(resources: resources, facts: HostFacts(), set: "default")
        let look = Look(
            plan: plan, desired: desired, observation: Observation(), containers: [:], facts: HostFacts())
        return StatusReport(look, lastPass: nil, suspensions: suspensions)
    }

    private func entry(_ report: StatusReport, _ resource: ResourceID) -> StatusReport.Entry? {
        report.entries.first { $0.resource == resource }
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
}
