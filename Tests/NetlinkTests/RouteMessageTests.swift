import CLinux
import Model
import Testing

@testable import Netlink

@Suite struct RouteMessageTests {
    private func parse(_ request: NetlinkRequest) -> RouteMessage? {
        Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { RouteMessage($0) }
    }

    @Test func readsADefaultRoute() throws {
        let route = try #require(Captures.read(Captures.defaultRoute) { RouteMessage($0) })
        #expect(route.isDefault && route.destination == IPPrefix("0.0.0.0/0"))
        #expect(route.gateway == IPAddress("10.20.0.2"))
        #expect(route.outputIndex == 2 && route.table == RouteTable.main && route.routeProtocol.rawValue == 82)
        #expect(!route.expires && route.pathCount == 0)
    }

    @Test func readsTheFirstOfSeveralPaths() throws {
        let route = try #require(Captures.read(Captures.multipathRoute) { RouteMessage($0) })
        #expect(route.destination == IPPrefix("10.40.0.0/16"))
        #expect(route.gateway == IPAddress("10.20.0.3"))
        #expect(route.outputIndex == 2 && route.pathCount == 2 && route.isOnLink)
    }

    @Test func readsAGatewayOfTheOtherFamily() throws {
        let route = try #require(Captures.read(Captures.viaRoute) { RouteMessage($0) })
        #expect(route.destination == IPPrefix("10.50.0.0/16"))
        #expect(route.gateway == IPAddress("fd00:20::9"))
    }

    @Test func readsRefusalsAndAdvertisements() throws {
        let refusal = try #require(Captures.read(Captures.unreachableRoute) { RouteMessage($0) })
        #expect(refusal.kind == .unreachable && refusal.priority == 9 && refusal.outputIndex == nil)
        let advertised = try #require(Captures.read(Captures.advertisedRoute) { RouteMessage($0) })
        #expect(advertised.routeProtocol == .routerAdvertisement && advertised.expires && advertised.isDefault)
        #expect(advertised.destination.family == .ipv6 && advertised.priority == 1_024)
    }

    @Test(arguments: [
        RouteSpecification(IPPrefix("0.0.0.0/0")!, gateway: IPAddress("10.0.0.1")!, outputIndex: 3),
        RouteSpecification(IPPrefix("fd00::/64")!, outputIndex: 3, priority: 7, table: 1_000),
        RouteSpecification(IPPrefix("10.1.0.0/16")!, kind: .blackhole),
        RouteSpecification(
            IPPrefix("10.1.0.0/16")!, gateway: IPAddress("fd00::1")!, outputIndex: 1,
            routeProtocol: RouteProtocol(rawValue: 82), preferredSource: IPAddress("10.0.0.5")!, isOnLink: true),
    ])
    func roundTrips(_ route: RouteSpecification) throws {
        let message = try #require(parse(RouteRequest.add(route)))
        #expect(message.destination == route.destination)
        #expect(message.gateway == route.gateway)
        #expect(message.outputIndex == route.outputIndex)
        #expect(message.priority == route.priority && message.table == route.table)
        #expect(message.routeProtocol == route.routeProtocol && message.kind == route.kind)
        #expect(message.preferredSource == route.preferredSource && message.isOnLink == route.isOnLink)
    }

    @Test func scopeIsWhatTheKernelExpects() {
        let connected = RouteSpecification(IPPrefix("10.1.0.0/16")!, outputIndex: 1)
        #expect(parse(RouteRequest.add(connected))?.scope == .link)
        #expect(parse(RouteRequest.delete(connected))?.scope == .nowhere)
        let gateway = RouteSpecification(IPPrefix("10.1.0.0/16")!, gateway: IPAddress("10.0.0.1")!)
        #expect(parse(RouteRequest.add(gateway))?.scope == .universe)
        #expect(parse(RouteRequest.add(RouteSpecification(IPPrefix("fd00::/64")!)))?.scope == .universe)
    }

    @Test func hostBitsAreNotSent() {
        let route = RouteSpecification(IPPrefix("10.1.2.3/16")!, outputIndex: 1)
        #expect(parse(RouteRequest.add(route))?.destination == IPPrefix("10.1.0.0/16"))
    }
}
