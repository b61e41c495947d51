import Model
import Planning
import Testing

@testable import Agent

/// What a pass may go on with at once, and what has to wait for another try.
@Suite struct PassOutcomeTests {
    private let waiting: Set<ResourceID> = [.container("web"), .container("db")]

    private func creation(_ name: String) -> Change {
        Change(
            .create, before: nil, after: KernelObject(.process(name), owner: .container(name)),
            cause: Change.Cause(.manifest, "asked"))
    }

    private func plan(_ names: [String], wrong: [String] = []) -> Plan {
        var plan = Plan(changes: names.map(creation))
        plan.diagnostics = wrong.map {
            Diagnostic(code: "unclaimed-address", "not claimed yet", resource: .container($0))
        }
        return plan
    }

    /// Addresses that were claimed while the pass was under way were known to its last look: nobody told of them again,
    /// and their containers waited for the next try, a second later.
    @Test func whatWasWaitedForIsThereAtTheEnd() {
        #expect(PassOutcome(remaining: plan(["web", "db"]), held: waiting).hasReleased)
        #expect(PassOutcome(remaining: plan(["web"], wrong: ["db"]), held: waiting).hasReleased)
    }

    @Test func whatIsStillWaitedForIsNot() {
        #expect(!PassOutcome(remaining: plan([], wrong: ["web", "db"]), held: waiting).hasReleased)
        // Of what is wrong with a container, its names may differ all the same.
        #expect(!PassOutcome(remaining: plan(["web"], wrong: ["web"]), held: waiting).hasReleased)
        #expect(!PassOutcome(remaining: Plan(), held: waiting).hasReleased)
    }

    /// What differs for another reason is tried again later, and ever more seldom.
    @Test func whatThePassDidNotAchieveIsNot() {
        #expect(!PassOutcome(remaining: plan(["other"]), held: waiting).hasReleased)
        var outcome = PassOutcome(remaining: plan(["web"]), held: waiting)
        outcome.add([creation("web")], [.failed(Diagnostic(code: "no", "it does not start"))])
        #expect(!outcome.hasReleased)
    }

    /// A name or an address that another node has until its own turn.
    @Test func whatOthersHaveToGiveUpIsWaitedFor() {
        #expect(PassOutcome(remaining: plan([], wrong: ["web"])).waitsForOthers)
        #expect(PassOutcome(remaining: plan(["web"], wrong: ["web"])).waitsForOthers)
        #expect(!PassOutcome(remaining: plan(["db"], wrong: ["web"])).waitsForOthers, "there is more to be done")
        #expect(!PassOutcome(remaining: Plan()).waitsForOthers)
        var other = plan([], wrong: ["web"])
        other.diagnostics.append(Diagnostic(code: "image-missing", "no image", resource: .container("db")))
        #expect(!PassOutcome(remaining: other).waitsForOthers)
    }

    /// Errors of the plan count as failures of passes, but for those that others end.
    @Test func failedPassesAreCounted() {
        var part = RolloutPart()
        let input = PassInput.nothing
        func pass(_ code: String?) {
            let errors = code.map { [Diagnostic(code: $0, "it is wrong", resource: .container("web"))] } ?? []
            var plan = Plan()
            plan.diagnostics = errors
            part.passed(PassOutcome(remaining: plan), errors.first, input)
        }
        for count in 1...3 {
            pass("image-missing")
            #expect(part.pass?.failures == count && part.waitsSince == nil)
        }
        pass("unclaimed-address")
        #expect(part.pass?.failures == 0 && part.waitsSince != nil)
        pass(nil)
        #expect(part.pass?.failures == 0 && part.waitsSince == nil)
    }

    /// What the fleet asked for while the pass was under way was left until something else happened, or the next try.
    @Test func whatCameMeanwhileIsGoneOnWith() {
        var outcome = PassOutcome(remaining: plan(["new"]))
        outcome.add([creation("web")], [.done])
        #expect(outcome.isOvertaken)
        outcome.remaining = plan(["new", "web"])
        #expect(!outcome.isOvertaken, "it was done, and is still to be done")
        outcome.remaining = plan(["new"], wrong: ["db"])
        #expect(!outcome.isOvertaken)
        outcome.remaining = Plan()
        #expect(!outcome.isOvertaken)
        outcome.remaining = plan(["new"])
        outcome.add([creation("db")], [.failed(Diagnostic(code: "no", "it does not start"))])
        #expect(!outcome.isOvertaken)
    }
}
