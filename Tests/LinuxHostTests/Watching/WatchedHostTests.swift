import Model
import Netlink
import Testing

@testable import LinuxHost

@Suite struct WatchedHostTests {
    private enum Verdict: Equatable {
        case ours(String?)
        case others
        case nobodys
    }

    private func verdict(_ event: RouteEvent, namespace: Int32? = nil) -> Verdict {
        var host = WatchedHost()
        host.links = [5]
        host.containers = [3: "web"]
        switch host.meaning(of: event, namespace: namespace) {
        case .ours(let container): return .ours(container)
        case .others: return .others
        case .nobodys: return .nobodys
        }
    }

    private func link(_ index: Int32, group: UInt32 = 0) -> LinkMessage {
        Notices.link("a", index: index) { $0.group = group }
    }

    @Test func linksAreOursByIndexOrByGroup() {
        #expect(verdict(.link(link(5))) == .ours(nil), "its group was taken away")
        #expect(verdict(.link(link(8, group: Mark.linkGroup))) == .ours(nil), "just made")
        #expect(verdict(.linkRemoved(link(5))) == .ours(nil))
        #expect(verdict(.bridgePort(link(5))) == .ours(nil))
        #expect(verdict(.bridgePortRemoved(link(5))) == .ours(nil))
        #expect(verdict(.link(link(8))) == .others && verdict(.linkRemoved(link(8))) == .others)
    }

    /// Neighbours of bridges and of the host's own links come and go all the time.
    @Test func entriesAreOursOnVxlansAlone() {
        for index in [4, 5, 8] as [Int32] {
            var host = WatchedHost()
            host.links = [4, 5]
            host.tunnels = [4]
            for event in [
                RouteEvent.neighbour(Entries.neighbour(on: index)), .neighbourRemoved(Entries.bridged(on: index)),
            ] {
                guard case .ours(nil) = host.meaning(of: event, namespace: nil) else {
                    #expect(index != 4)
                    continue
                }
                #expect(index == 4)
            }
        }
    }

    @Test func addressesAndRoutesAreOursByTheirLink() {
        for (index, expected) in [(5, .ours(nil)), (8, .others)] as [(Int32, Verdict)] {
            #expect(verdict(.address(Notices.address("10.0.0.1/24", index: index))) == expected)
            #expect(verdict(.addressRemoved(Notices.address("10.0.0.1/24", index: index))) == expected)
            #expect(verdict(.route(Notices.route(index: index))) == expected)
            #expect(verdict(.routeRemoved(Notices.route(index: index))) == expected)
            #expect(verdict(.settings(index)) == expected)
        }
        #expect(verdict(.route(Notices.route(index: nil))) == .others)
        #expect(verdict(.settings(-1)) == .others, "of all links")
        #expect(verdict(.settings(-2)) == .others, "of new links")
    }

    @Test func sandboxesAreToldApartByTheirNamespace() {
        #expect(verdict(.link(link(2)), namespace: 3) == .ours("web"), "whatever it is")
        #expect(verdict(.settings(-1), namespace: 3) == .ours("web"))
        #expect(verdict(.link(link(5, group: Mark.linkGroup)), namespace: 4) == .nobodys, "no container of ours")
    }

    @Test func aNewsKeepsAtMost4096Notices() {
        var news = KernelNews()
        #expect(news.isEmpty)
        let notice = KernelNews.Notice(container: nil, event: .settings(5))
        for _ in 0..<4096 { news.add(notice) }
        #expect(news.notices.count == 4096 && !news.isLost && !news.isEmpty)
        news.add(notice)
        #expect(news.notices.isEmpty && news.isLost)
        for _ in 0..<10_000 { news.add(notice) }
        #expect(news.notices.isEmpty && news.isLost, "a full look finds them all")
    }

    @Test func theIndexKnowsNamesAndWhoseTheyAre() {
        let index = LinkIndex()
        index.replace([Notices.bridge(), Notices.link("eth0", index: 2)])
        #expect(index.names == [5: "br-front", 2: "eth0"] && index.ours == [5])
        index.add([Notices.link("br-old", index: 5), Notices.veth("veth1", index: 7) { $0.group = 0 }])
        #expect(index.names == [5: "br-old", 2: "eth0", 7: "veth1"])
        #expect(index.ours == [7], "by its alias; the other bears no mark any more")
        index.replace([])
        #expect(index.names.isEmpty && index.ours.isEmpty)
    }
}
