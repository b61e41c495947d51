import CLinux
import Testing

@testable import Netlink

@Suite struct RouteEventTests {
    private func events(_ messages: [UInt8]) -> [RouteEvent?] {
        var events: [RouteEvent?] = []
        Captures.read(messages) { $0.forEachMessage { events.append(RouteEvent($0, $1)) } }
        return events
    }

    /// A captured payload behind a header of some type.
    private func event(_ type: Int, _ payload: [UInt8]) -> RouteEvent? {
        let length = UInt16(payload.count + 16)
        let header = [length, 0, UInt16(type), 0, 0, 0, 0, 0].flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        return events(header + payload).first ?? nil
    }

    @Test func settingsTellTheirLink() {
        #expect(events(RouteEventCaptures.setting) == [.settings(2)])
        #expect(events(RouteEventCaptures.setting6) == [.settings(2)])
        // NETCONFA_IFINDEX_ALL and NETCONFA_IFINDEX_DEFAULT of linux/netconf.h.
        #expect(events(RouteEventCaptures.settingOfAll) == [.settings(-1), .settings(-2), .settings(1)])
    }

    @Test func settingsWithoutALinkTellNothing() {
        #expect(event(RTM_NEWNETCONF, Captures.bytes("02000000")) == nil)
        #expect(event(RTM_NEWNETCONF, Captures.bytes("02000000060001000200")) == nil, "two bytes are no index")
        #expect(event(RTM_NEWNETCONF, []) == nil)
    }

    @Test func aBridgesPortIsToldApartFromItsLink() throws {
        guard case .bridgePort(let port)? = events(RouteEventCaptures.newPort).first else {
            Issue.record("\(events(RouteEventCaptures.newPort))")
            return
        }
        #expect(port.name == "ve" && port.index == 4 && port.master == 2 && port.isPortOnly)
        guard case .bridgePortRemoved(let gone)? = events(RouteEventCaptures.removedPort).first else {
            Issue.record("\(events(RouteEventCaptures.removedPort))")
            return
        }
        #expect(gone.name == "ve" && gone.index == 4 && gone.alias == nil)
    }

    @Test func eachKindIsReadAsWhatItIs() {
        guard case .link? = event(RTM_NEWLINK, Captures.bridgeLink) else { return #expect(Bool(false), "a link") }
        guard case .linkRemoved? = event(RTM_DELLINK, Captures.bridgeLink) else {
            return #expect(Bool(false), "a removed link")
        }
        guard case .route(let route)? = event(RTM_NEWROUTE, Captures.defaultRoute) else {
            return #expect(Bool(false), "a route")
        }
        #expect(route.isDefault && event(RTM_DELROUTE, Captures.defaultRoute) == .routeRemoved(route))
        #expect(event(RTM_GETLINK, Captures.bridgeLink) == nil, "not an event")
        #expect(event(RTM_NEWLINK, Captures.bytes("0000010002000000")) == nil, "too short")
    }
}
