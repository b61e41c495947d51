import CLinux
import Model
import Planning
import Testing

@testable import LinuxHost

@Suite struct AddressHandlerTests {
    private func route(via gateway: String) -> KernelObject {
        KernelObject(
            .route(ObjectID.defaultRoute(.ipv4), on: "eth0", in: "web"), owner: .container("web"),
            fields: [Field(.via, .string(gateway)), .mark])
    }

    private func flags(_ bytes: [UInt8]) -> Int32 { Int32(bytes[6]) | Int32(bytes[7]) << 8 }

    /// A route may have outlived its address: it is not refused as existing (`NLM_F_EXCL`) but replaced.
    @Test func aRouteIsMadeInPlaceOfAnOldOne() throws {
        let cause = Change.Cause(.dependency, "address 10.0.0.2/24 is made anew")
        let create = Change(.create, before: nil, after: route(via: "10.0.0.1"), cause: cause)
        let requests = AddressHandler.routeRequests(create, 3)
        try #require(requests.count == 1)
        let (request, forgivesAbsence) = requests[0]
        #expect(flags(request.bytes) & NLM_F_EXCL == 0 && !forgivesAbsence)
        #expect(flags(request.bytes) & (NLM_F_CREATE | NLM_F_REPLACE) == NLM_F_CREATE | NLM_F_REPLACE)
    }

    /// IPv6 keeps two routes of different metrics beside each other.
    @Test func aChangedRouteIsRemovedFirst() {
        let change = Change(
            .update, before: route(via: "10.0.0.9"), after: route(via: "10.0.0.1"), cause: Change.Cause(.drift, ""))
        let requests = AddressHandler.routeRequests(change, 3)
        #expect(
            requests.map(\.0.summary) == [
                "delete route default via 10.0.0.9 on #3", "add route default via 10.0.0.1 on #3",
            ])
        #expect(requests.map(\.1) == [true, false])
    }
}
