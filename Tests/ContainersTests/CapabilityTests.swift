import Model
import Testing

@testable import Containers

@Suite struct CapabilityTests {
    @Test func defaultsAreDockers() throws {
        // CapEff of `docker run busybox`: a80425fb.
        let names = Set(try CapabilitySet.resolve(Capabilities()).map { String($0.dropFirst(4)) })
        #expect(names == CapabilitySet.names(mask: 0xa804_25fb))
    }

    @Test func dropComesBeforeAdd() throws {
        let change = Capabilities(add: ["NET_BIND_SERVICE", "cap_net_admin"], drop: ["ALL"])
        #expect(try CapabilitySet.resolve(change) == ["CAP_NET_BIND_SERVICE", "CAP_NET_ADMIN"])
    }

    @Test func allIsWhatIsAvailable() throws {
        let all = try CapabilitySet.resolve(Capabilities(add: ["ALL"]))
        #expect(all.count == 41)
        let some = try CapabilitySet.resolve(Capabilities(add: ["ALL"], drop: ["ALL"]), available: ["KILL"])
        #expect(some == ["CAP_KILL"])
    }

    @Test func unknownIsAnError() {
        #expect(throws: Diagnostic.self) { try CapabilitySet.resolve(Capabilities(add: ["FLY"])) }
    }
}
