import Model
import Netlink
import Planning
import Testing

@testable import LinuxHost

/// A notification that repeats what is known wakes nobody; one that tells anything else does.
@Suite struct NoticeReadingTests {
    private let names: [Int32: String] = [1: "lo", 5: "br-front", 7: "veth1", 9: "eth0"]
    private var links: LinkObjects { LinkObjects(set: "default", hostNames: names, others: .none(but: "default")) }
    private var reading: NoticeReading { NoticeReading(links: links, names: names) }

    /// What a look at these messages shows: the same that the agent knows after it.
    private func seen(host: NamespaceSnapshot = .init(), sandbox: NamespaceSnapshot? = nil) -> Observation {
        var objects = NamespaceObjects(links: links)
        if let sandbox { objects.add(SandboxSnapshot(container: "web", isBound: true, namespace: sandbox)) }
        objects.addHost(host)
        return objects.take()
    }

    private var host: NamespaceSnapshot {
        var host = NamespaceSnapshot()
        host.links = [Notices.bridge(), outer]
        host.addresses = [Notices.address("10.20.0.1/24", index: 5)]
        return host
    }

    private var sandbox: NamespaceSnapshot {
        var sandbox = NamespaceSnapshot()
        sandbox.links = [lo, inner]
        sandbox.addresses = [Notices.address("10.20.0.10/24", index: 2)]
        sandbox.routes = [Notices.route(), Notices.route("10.99.0.0/16", by: 4)]
        return sandbox
    }

    private let lo = Notices.loopback(alias: "reconcile:1 default container/web")
    private var outer: LinkMessage {
        Notices.veth("veth1", index: 7) {
            $0.master = 5
            $0.bridgePort = BridgePortAttributes()
        }
    }
    private var inner: LinkMessage {
        Notices.veth("eth0", index: 2) {
            $0.parent = 7
            $0.parentNamespaceID = 0
        }
    }

    private func meaning(_ event: RouteEvent, in container: String? = nil) -> NoticeMeaning {
        let known = container == nil ? seen(host: host) : seen(sandbox: sandbox)
        return reading.meaning(of: KernelNews.Notice(container: container, event: event), known)
    }

    private func changed(_ link: LinkMessage, _ change: (inout LinkMessage) -> Void) -> RouteEvent {
        var link = link
        change(&link)
        return .link(link)
    }

    @Test func whatIsSeenAgainIsKnown() {
        #expect(meaning(.link(Notices.bridge())) == .known)
        #expect(meaning(.link(outer)) == .known)
        #expect(meaning(.link(inner), in: "web") == .known)
        #expect(meaning(.link(lo), in: "web") == .known)
        #expect(meaning(.address(host.addresses[0])) == .known)
        #expect(meaning(.address(sandbox.addresses[0]), in: "web") == .known)
        for route in sandbox.routes { #expect(meaning(.route(route), in: "web") == .known) }
    }

    @Test func eachFieldOfALinkIsNews() {
        #expect(meaning(changed(Notices.bridge()) { $0.mtu = 1400 }) == .news)
        #expect(meaning(changed(Notices.bridge()) { $0.flags = 0 }) == .news)
        #expect(meaning(changed(Notices.bridge()) { $0.group = 0 }) == .news)
        #expect(meaning(changed(Notices.bridge()) { $0.alias = nil }) == .news)
        #expect(meaning(changed(Notices.bridge()) { $0.alias = "reconcile:1 default network/back" }) == .news)
        #expect(meaning(changed(Notices.bridge()) { $0.macAddress = MACAddress("02:00:00:00:00:01") }) == .news)
        #expect(meaning(changed(Notices.bridge()) { $0.ipv6AddressGeneration = .eui64 }) == .news)
        #expect(meaning(changed(Notices.bridge()) { $0.name = "other" }) == .news)
        #expect(meaning(changed(outer) { $0.master = nil }) == .news)
        #expect(meaning(changed(outer) { $0.master = 9 }) == .news)
        #expect(meaning(changed(outer) { $0.bridgePort?.hairpin = true }) == .news)
        #expect(meaning(changed(outer) { $0.bridgePort?.isolated = true }) == .news)
        #expect(meaning(changed(inner) { $0.mtu = 1400 }, in: "web") == .news)
        #expect(meaning(changed(inner) { $0.parent = 5 }, in: "web") == .news)
        #expect(meaning(.link(Notices.loopback(alias: lo.alias, up: false)), in: "web") == .news)
        #expect(meaning(.link(Notices.loopback()), in: "web") == .news, "its mark was wiped")
    }

    @Test func whatNobodyComparesIsKnown() {
        #expect(meaning(changed(Notices.bridge()) { $0.operationalState = 2 }) == .known, "the carrier is not ours")
        #expect(meaning(.link(Notices.loopback(up: false))) == .known, "the host's own lo is looked after elsewhere")
    }

    @Test func removalsOfWhatIsKnownAreNews() {
        #expect(meaning(.linkRemoved(Notices.bridge())) == .news)
        #expect(meaning(.linkRemoved(inner), in: "web") == .news)
        #expect(meaning(.addressRemoved(host.addresses[0])) == .news)
        #expect(meaning(.addressRemoved(sandbox.addresses[0]), in: "web") == .news)
        #expect(meaning(.routeRemoved(sandbox.routes[0]), in: "web") == .news)
        #expect(meaning(.linkRemoved(Notices.veth("gone", index: 8))) == .known)
        #expect(meaning(.addressRemoved(Notices.address("10.9.0.1/24", index: 5))) == .known)
        #expect(meaning(.routeRemoved(Notices.route("10.9.0.0/16")), in: "web") == .known)
    }

    @Test func addressesAndRoutesOfOthersAreTheirs() {
        #expect(meaning(.address(Notices.address("10.9.0.1/24", index: 5, by: 0))) == .known)
        #expect(meaning(.address(Notices.address("10.9.0.1/24", index: 2, by: 0)), in: "web") == .known)
        #expect(meaning(.route(Notices.route("10.9.0.0/16", by: 3)), in: "web") == .known)
        #expect(meaning(.address(Notices.address("10.9.0.1/24", index: 5))) == .news, "one that bears our mark")
        #expect(meaning(.route(Notices.route("10.9.0.0/16")), in: "web") == .news, "one that bears our mark")
    }

    @Test func whatTookThePlaceOfOursIsNews() {
        #expect(meaning(.address(Notices.address("10.20.0.1/24", index: 5, by: 0))) == .news, "its mark was wiped")
        #expect(meaning(.route(Notices.route(via: "10.20.0.2")), in: "web") == .news)
        #expect(meaning(.route(Notices.route(via: nil)), in: "web") == .news)
        #expect(meaning(.route(Notices.route(by: 3)), in: "web") == .news)
    }

    @Test func theKernelsOwnRoutesAndRefusalsAreKnown() {
        #expect(meaning(.route(Notices.route("10.20.0.0/24", via: nil, by: 2)), in: "web") == .known)
        #expect(meaning(.routeRemoved(Notices.route(by: 2)), in: "web") == .known)
        #expect(meaning(.route(Notices.route { $0.kind = .blackhole }), in: "web") == .known)
    }

    @Test func whatTellsNothingOfItsContentIsNews() {
        #expect(meaning(.settings(5)) == .news)
        #expect(meaning(.bridgePort(outer)) == .news)
        #expect(meaning(.bridgePortRemoved(outer)) == .news)
    }
}
