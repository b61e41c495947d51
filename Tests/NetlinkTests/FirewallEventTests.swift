import Testing

@testable import Netlink

@Suite struct FirewallEventTests {
    /// What is told of each message; `nil` for one that tells nothing.
    private func events(_ messages: [UInt8]) -> [FirewallEvent?] {
        var events: [FirewallEvent?] = []
        Captures.read(messages) { $0.forEachMessage { events.append(FirewallEvent($0, $1)) } }
        return events
    }

    private let ours = FirewallEvent.table(family: FirewallEvent.inet, name: "reconcile")

    @Test func tellsWhichTableAChangeIsIn() {
        #expect(events(FirewallCaptures.newTable) == [ours])
        #expect(events(FirewallCaptures.newChain) == [ours])
        #expect(events(FirewallCaptures.newRule) == [ours])
        #expect(events(FirewallCaptures.newMap) == [ours])
        #expect(events(FirewallCaptures.newElement) == [ours])
        #expect(events(FirewallCaptures.deletion) == [ours, ours, ours, ours])
    }

    @Test func tellsTablesOfOthersApart() {
        #expect(events(FirewallCaptures.otherTable) == [.table(family: 2, name: "other")])
    }

    @Test func tellsWhoEndedATransaction() {
        #expect(events(FirewallCaptures.generation) == [.generation(2, process: 10_418)])
        #expect(
            events(FirewallCaptures.newTable + FirewallCaptures.generation) == [ours, .generation(2, process: 10_418)])
    }

    @Test func anOldKernelDoesNotSayWhoItWas() {
        // The same, with NFTA_GEN_ID alone.
        var short = Array(FirewallCaptures.generation.prefix(28))
        short[0] = 28
        #expect(events(short) == [.generation(2, process: 0)])
    }

    @Test func messagesOfOthersAndGarbageTellNothing() {
        var conntrack = FirewallCaptures.newTable
        conntrack[5] = 1
        #expect(events(conntrack) == [nil], "another subsystem")
        #expect(events(Captures.bytes("14000000000a000000000000000000000100000a")) == [nil], "no attributes")
        #expect(events(Captures.bytes("100000000f0a00000000000000000000")) == [nil], "no payload")
        #expect(events(Captures.bytes("140000000f0a000000000000000000000000000a")) == [nil], "no generation")
        for length in 16..<FirewallCaptures.newTable.count {
            var cut = Array(FirewallCaptures.newTable.prefix(length))
            cut[0] = UInt8(length)
            for case .table(let family, let name)? in events(cut) {
                #expect(family == 1 && name == "reconcile", "cut to \(length)")
            }
        }
    }
}
