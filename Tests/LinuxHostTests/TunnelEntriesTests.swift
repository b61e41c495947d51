import Model
import Netlink
import Planning
import Testing

@testable import LinuxHost

/// The entries of a vxlan: as objects, and as news.
@Suite struct TunnelEntriesTests {
    private let names: [Int32: String] = [4: "vx-over", 5: "br-over"]
    private let forwarding = ObjectID.forwarding(Entries.mac, on: "vx-over")
    private let neighbour = ObjectID.neighbour(Entries.address, on: "vx-over")

    private func observed(_ messages: [NeighbourMessage]) -> Observation {
        var observation = Observation()
        for entry in TunnelEntries.objects(messages, links: names) {
            observation.insert(entry.object, entry.isMarked ? .ours : .unmarked)
        }
        return observation
    }

    private var whole: Observation {
        observed([Entries.neighbour(on: 4), Entries.tunnelled(on: 4), Entries.bridged(on: 4), Entries.ofThePort(on: 4)])
    }

    @Test func whatSomebodyMadeBecomesObjects() {
        #expect(Set(whole.objects.keys) == [forwarding, neighbour])
        #expect(whole.objects[forwarding]?.string(.destination) == "192.0.2.2")
        #expect(whole.objects[forwarding]?.bool(.bridged) == true)
        #expect(whole.objects[neighbour]?.string(.mac) == Entries.mac.description)
        #expect(whole.objects[neighbour]?.hangsOn == [.link("vx-over")])
        let half = observed([Entries.tunnelled(on: 4)])
        #expect(half.objects[forwarding]?.bool(.bridged) == false)
        #expect(observed([Entries.bridged(on: 4)]).objects[forwarding]?.string(.destination) == "")
        #expect(observed([Entries.ofThePort(on: 4), Entries.tunnelled(on: 9)]).objects.isEmpty)
    }

    @Test func neighboursOfOthersBearNoMark() {
        let other = observed([Entries.neighbour(on: 4, protocolNumber: 0)])
        #expect(other.unmarked == [neighbour])
        var learned = Entries.neighbour(on: 4)
        learned.state = 2
        #expect(observed([learned]).objects.isEmpty)
    }

    /// The kernel tells of one that was removed without its MAC.
    @Test func aNeighbourThatIsRemovedIsNews() {
        var gone = Entries.neighbour(on: 4)
        gone.macAddress = nil
        #expect(meaning(.neighbourRemoved(gone), whole) == .news)
        gone.state = 0x20
        #expect(meaning(.neighbour(gone), whole) == .news)
        #expect(meaning(.neighbourRemoved(gone), Observation()) == .known)
    }

    private func meaning(_ event: RouteEvent, _ known: Observation) -> NoticeMeaning {
        let links = LinkObjects(set: "default", hostNames: names, others: .none(but: "default"))
        return NoticeReading(links: links, names: names)
            .meaning(of: KernelNews.Notice(container: nil, event: event), known)
    }

    @Test func anEchoIsKnown() {
        for entry in [Entries.neighbour(on: 4), Entries.tunnelled(on: 4), Entries.bridged(on: 4)] {
            #expect(meaning(.neighbour(entry), whole) == .known)
            #expect(meaning(.neighbourRemoved(entry), whole) == .news, "\(entry)")
            #expect(meaning(.neighbour(entry), Observation()) == .news, "\(entry)")
            #expect(meaning(.neighbourRemoved(entry), Observation()) == .known)
        }
        #expect(meaning(.neighbour(Entries.tunnelled(on: 4, to: IPAddress(v4: 0xc000_0209))), whole) == .news)
        #expect(meaning(.neighbour(Entries.ofThePort(on: 4)), Observation()) == .known)
        #expect(meaning(.neighbour(Entries.ofThePort(on: 4)), whole) == .news, "ours was taken for the port's own")
        #expect(meaning(.neighbour(Entries.neighbour(on: 4, protocolNumber: 0)), Observation()) == .known)
        #expect(meaning(.neighbour(Entries.neighbour(on: 4, protocolNumber: 0)), whole) == .news, "the mark is gone")
    }

    /// Ten thousand entries that are programmed at once are no reason to look at all of the host.
    @Test func manyChangesBecomeOneLook() {
        var news = KernelNews()
        for _ in 0..<30_000 {
            news.add(KernelNews.Notice(container: nil, event: .neighbour(Entries.tunnelled(on: 4))), ofTunnel: 4)
        }
        #expect(!news.isLost && news.tunnels == [4] && news.notices.count == KernelNews.entryLimit && !news.isEmpty)
    }
}
