import Foundation
import Glibc
import Model
import Testing

@testable import Fleet

/// All that goes over the loopback of this network namespace, as a neighbour on the wire sees it (packet(7)).
private final class Capture: @unchecked Sendable {
    private let descriptor: Int32
    private var bytes: [UInt8] = []

    init() throws {
        descriptor = socket(
            AF_PACKET, Int32(SOCK_RAW.rawValue) | Int32(SOCK_NONBLOCK.rawValue), Int32(UInt16(3).bigEndian))
        guard descriptor >= 0 else { throw Failure("socket(AF_PACKET): \(errno)") }
        var size: Int32 = 64 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, 4)
    }

    deinit { close(descriptor) }

    /// What has gone by so far.
    func read() -> [UInt8] {
        var packet = [UInt8](repeating: 0, count: 70_000)
        while true {
            let count = recv(descriptor, &packet, packet.count, 0)
            guard count > 0 else { return bytes }
            bytes += packet[..<count]
        }
    }
}

@Suite("The control plane on the wire", .serialized, .kernel)
struct WireTests {
    @Test("nothing of it can be read", .timeLimit(.minutes(5)))
    func encrypted() async throws {
        let capture = try Capture()
        let cluster = try EtcdCluster(members: 3)
        try await cluster.ready()
        let (a, b) = (try RunningSession(cluster.node("node-a-secret")), try RunningSession(cluster.node("b")))
        _ = capture.read()
        let words = [
            "node-a-secret", "label-secret", "overnet-secret", "container-secret", "/reconcile/", "etcdserverpb",
        ]
        await a.session.publish(
            FleetPublication(
                node: NodeEntry(name: "", labels: ["label-secret": "x"], revision: "r"),
                endpoints: [
                    EndpointEntry(
                        network: "overnet-secret", node: "", container: "container-secret", addresses: [],
                        mac: MACAddress(bits: 0x0200_0000_0001))
                ]))
        for node in [a, b] { try await node.awaitConnection() }
        let claim = ClaimRequest(.replica(service: "overnet-secret", 1), holder: "container-secret")
        #expect(try await a.session.claim([claim])[0].isTaken)
        try await eventually("b sees it") {
            // Again and again: the tests beside this one share the loopback, and what finds no room is lost.
            _ = capture.read()
            return b.view.endpoints["overnet-secret"] != nil && !b.view.claims.isEmpty
        }
        _ = capture.read()
        // In clear, so that the test would see it.
        try await sh("echo plain-marker | socat - UDP:127.0.0.1:9", expecting: nil)
        try await Task.sleep(for: .milliseconds(200))
        let file = cluster.directory + "/capture"
        let bytes = capture.read()
        #expect(bytes.count > 20_000)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        func isSeen(_ word: String) async throws -> Bool {
            try await sh("grep -a -c -F -e '\(word)' \(file)", expecting: nil).first != "0"
        }
        #expect(try await isSeen("plain-marker"), "the capture sees what is in clear")
        for word in words { #expect(try await !isSeen(word), "\(word) can be read on the wire") }
        // Nobody without a certificate is answered.
        let answer = try await sh(
            "printf 'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n' | socat -t 2 - TCP:\(cluster.members[0])", expecting: nil
        )
        #expect(!answer.contains("etcd"))
    }
}
