import Model
import Planning
import Testing

@testable import Agent

@Suite struct ContentionTests {
    private let start = ContinuousClock.now
    private let link = ObjectID.link("br-front")

    private func repair(_ fields: FieldName..., of id: ObjectID = .link("br-front")) -> Change {
        let object = KernelObject(id, owner: .network("front"))
        return Change(
            .update, before: object, after: object,
            fields: fields.map { Change.FieldChange($0, before: 1400, after: 1500) }, cause: .init(.drift, ""))
    }

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test func theSixthRepairWithinTenSecondsIsOneTooMany() {
        var contention = Contention()
        for second in 0..<5 { #expect(contention.repaired(repair(.mtu), at: at(second * 1000)) == nil) }
        #expect(contention.waiting(at: at(4_000)).isEmpty)
        #expect(contention.repaired(repair(.mtu), at: at(9_999)) == "mtu")
        #expect(contention.contended[link]?.field == "mtu")
        #expect(contention.contended[link]?.resource == .network("front"))
        #expect(contention.waiting(at: at(10_000)) == [link])
    }

    @Test func repairsThatAreFarApartAreChance() {
        var contention = Contention()
        for number in 0..<100 { #expect(contention.repaired(repair(.mtu), at: at(number * 2_001)) == nil) }
        #expect(contention.contended.isEmpty && contention.nextDeadline(after: start) == nil)
    }

    @Test func fieldsAndObjectsAreCountedEachByItself() {
        var contention = Contention()
        for number in 0..<5 {
            #expect(contention.repaired(repair(.mtu), at: at(number)) == nil)
            #expect(contention.repaired(repair(.up), at: at(number)) == nil)
            #expect(contention.repaired(repair(.mtu, of: .link("br-back")), at: at(number)) == nil)
        }
        #expect(contention.repaired(repair(.up), at: at(6)) == "up")
        #expect(contention.waiting(at: at(7)) == [link], "the other object goes on at once")
    }

    @Test func whatHasNoFieldsCountsAsAWhole() {
        let object = KernelObject(link, owner: .network("front"))
        let added = Change(.delete, before: object, after: nil, cause: .init(.drift, ""))
        let deleted = Change(.create, before: nil, after: object, cause: .init(.drift, ""))
        var contention = Contention()
        for number in 0..<5 {
            #expect(contention.repaired(deleted, at: at(number)) == nil)
            #expect(contention.repaired(added, at: at(number)) == nil)
        }
        #expect(contention.repaired(deleted, at: at(9)) == "deleted")
        var others = Contention()
        let fields = (0..<6).map { others.repaired(added, at: at($0)) }
        #expect(fields == [nil, nil, nil, nil, nil, "added"])
    }

    @Test func theDelayGrowsToAMinute() {
        var contention = Contention()
        for _ in 0..<5 { _ = contention.repaired(repair(.mtu), at: start) }
        var now = start
        for delay in [1, 2, 4, 8, 16, 32, 60, 60] {
            let isNew = contention.repaired(repair(.mtu), at: now) != nil
            #expect(isNew == (delay == 1), "told once, not after \(delay) s")
            #expect(contention.nextDeadline(after: now) == now + .seconds(delay))
            #expect(contention.waiting(at: now + .seconds(delay) - .nanoseconds(1)) == [link])
            #expect(contention.waiting(at: now + .seconds(delay)).isEmpty)
            now += .seconds(delay)
        }
    }

    /// Once the second field of the same repair already doubled the delay that the first had begun.
    @Test func oneRepairOfSeveralFieldsCountsOnce() {
        var contention = Contention()
        for number in 0..<5 { _ = contention.repaired(repair(.mtu, .up), at: at(number)) }
        #expect(contention.repaired(repair(.mtu, .up), at: at(5)) == "mtu")
        #expect(contention.nextDeadline(after: at(5)) == at(1_005))
        _ = contention.repaired(repair(.mtu, .up), at: at(1_005))
        #expect(contention.nextDeadline(after: at(1_005)) == at(3_005))
    }

    @Test func whatIsQuietSettles() {
        var contention = Contention()
        for _ in 0..<6 { _ = contention.repaired(repair(.mtu), at: start) }
        #expect(contention.nextDeadline(after: at(1_000)) == at(11_000), "looked at again when it may have settled")
        #expect(contention.settle(at: at(10_999)).isEmpty && contention.contended.count == 1)
        #expect(contention.settle(at: at(11_000)) == [link])
        #expect(contention.contended.isEmpty && contention.nextDeadline(after: at(11_000)) == nil)
        for number in 0..<5 { #expect(contention.repaired(repair(.mtu), at: at(11_000 + number)) == nil) }
        #expect(contention.repaired(repair(.mtu), at: at(11_010)) == "mtu", "and may begin anew")
        #expect(contention.nextDeadline(after: at(11_010)) == at(12_010))
    }
}
