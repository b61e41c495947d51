import Model
import Testing

@testable import Fleet

@Suite("Keys and values in etcd")
struct KeyTests {
    private let keys = FleetKeys(fleet: "main")

    private func item(_ key: String, _ value: String, lease: Int64 = 0, revision: Int64 = 5) -> EtcdKeyValue {
        EtcdKeyValue(
            .with {
                $0.key = EtcdBytes.of(key)
                $0.value = EtcdBytes.of(value)
                $0.lease = lease
                $0.modRevision = revision
                $0.createRevision = revision
            })
    }

    private var address: IPAddress { IPAddress("fd00:30::5")! }

    @Test("claims are read back from their keys")
    func claims() throws {
        let all: [ClaimKey] = [
            .address(network: "overnet", address), .network("overnet"), .vni(4097), .replica(service: "web", 3),
            .turn(0),
        ]
        for key in all {
            #expect(keys.meaning(keys.claim(key)) == .claim(key))
            let claim = Claim(key: key, node: "a", holder: "container/web", vni: 7, lease: 9, revision: 5)
            #expect(Claim(key, item(keys.claim(key), claim.json.text(), lease: 9)) == claim)
        }
    }

    @Test("what others write below the prefix is left alone")
    func unknown() {
        for path in ["nodes/", "nodes/a/b", "claims/addresses/n/nonsense", "claims/vnis/x", "future/thing", ""] {
            let meaning = keys.meaning(keys.prefix + path)
            #expect(meaning == nil || meaning == .node(""), "\(path)")
        }
        #expect(keys.meaning("/reconcile/other/nodes/a") == nil)
    }

    @Test("nodes and endpoints are read back, and members of newer versions are ignored")
    func values() throws {
        let node = NodeEntry(
            name: "a", instance: "i", vtep: IPAddress("10.1.0.1"), labels: ["disk": "ssd"], revision: "abc",
            health: .failed, message: "no image", certificateEnds: 17, lease: 3)
        #expect(NodeEntry("a", item(keys.node("a"), node.json.text(), lease: 3)) == node)
        let endpoint = EndpointEntry(
            network: "overnet", node: "a", container: "web", addresses: [IPAddress("10.9.0.2")!, address],
            mac: MACAddress("02:42:0a:09:00:02")!, aliases: ["www"], service: "web", isHealthy: false)
        let read = EndpointEntry(
            network: "overnet", node: "a", container: "web", item(keys.endpoint(endpoint), endpoint.json.text()))
        #expect(read == endpoint)
        #expect(keys.meaning(keys.endpoint(endpoint)) == .endpoint(network: "overnet", node: "a", container: "web"))
        let newer = item(keys.node("b"), #"{"version":9,"health":"splendid","labels":{"a":"b","c":7},"more":[]}"#)
        #expect(NodeEntry("b", newer)?.labels == ["a": "b"])
        #expect(NodeEntry("b", newer)?.health == .unknown)
        #expect(NodeEntry("b", item("", "no json")) == nil)
    }

    @Test("a view follows changes, and says which networks they touched")
    func view() {
        var view = FleetView(fleet: "main", node: "a")
        let endpoint = EndpointEntry(
            network: "n1", node: "b", container: "web", addresses: [], mac: MACAddress("02:00:00:00:00:01")!)
        view.load(
            EtcdListing(items: [item(keys.endpoint(endpoint), endpoint.json.text())], revision: 10, cluster: 1), keys)
        #expect(view.endpoints(of: "n1") == [endpoint] && view.endpointRevisions["n1"] == 10)
        view.apply(
            EtcdWatchBatch(
                changes: [
                    .put(item(keys.node("b"), "{}", revision: 11)), .deleted(keys.endpoint(endpoint), revision: 11),
                ], revision: 11), keys)
        #expect(view.endpoints.isEmpty && view.nodes.keys.sorted() == ["b"] && view.revision == 11)
        #expect(view.endpointRevisions["n1"] == 11)
        view.apply(EtcdWatchBatch(changes: [.deleted(keys.node("b"), revision: 12)], revision: 12), keys)
        #expect(view.nodes.isEmpty)
    }
}
