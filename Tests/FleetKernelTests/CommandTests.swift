import Foundation
import Glibc
import Model
import Testing

@testable import Fleet

@Suite("The commands of a fleet", .serialized, .kernel)
struct CommandTests {
    /// The binary beside this test bundle, or that of `RECONCILE_BINARY`.
    private func binary() throws -> String {
        if let path = ProcessInfo.processInfo.environment["RECONCILE_BINARY"] { return path }
        var buffer = [CChar](repeating: 0, count: 4096)
        guard readlink("/proc/self/exe", &buffer, 4095) > 0 else { throw Failure("cannot read /proc/self/exe") }
        var places = [String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)]
        places += CommandLine.arguments.filter { $0.contains(".xctest") }
        for place in places {
            let path = URL(fileURLWithPath: place).deletingLastPathComponent().appendingPathComponent("reconcile").path
            if access(path, X_OK) == 0 { return path }
        }
        throw Failure("no reconcile beside \(places): build it, or name it in RECONCILE_BINARY")
    }

    @Test("init, etcd as it is printed, invite, join, status, revoke, leave", .timeLimit(.minutes(5)))
    func life() async throws {
        let cluster = try EtcdCluster(members: 1)
        cluster.kill(0)
        let (top, program) = (cluster.directory, try binary())
        func fleet(_ node: String, _ command: String, expecting code: Int32? = 0) async throws -> String {
            try await sh("cd \(top) && \(program) --data-dir \(top)/\(node) fleet \(command)", expecting: code)
        }
        #expect(try await fleet("n1", "status", expecting: 1).contains("not in a fleet"))
        let host = cluster.members[0].host
        let printed = try await fleet("n1", "init --etcd \(host) --name test --node n1 --lease 12s")
        #expect(try await fleet("n4", "init --etcd \(host) --lease 1s", expecting: 64).contains("--lease is 2s"))
        #expect(try await fleet("n1", "init --etcd \(host)", expecting: 1).contains("is node n1 of fleet test"))

        // etcd with the very flags that are printed, from the places where the files are here.
        var flags = String(printed[try #require(printed.range(of: "\netcd ")).upperBound...])
        flags = String(flags.prefix(upTo: try #require(flags.range(of: "\n\n")).lowerBound))
            .replacing("\\\n", with: " ").replacing("/var/lib/etcd/default", with: "\(top)/data")
            .replacing("/etc/etcd/reconcile", with: "\(top)/n1/fleet/authority/etcd/\(host)")
        let etcd = try RunningProcess(["sh", "-c", "exec etcd --log-level=error \(flags)"], log: "\(top)/etcd.log")
        defer { etcd.stop() }
        try await eventually("etcd answers") {
            try await fleet("n1", "status", expecting: nil).contains("ready, 3.")
        }

        _ = try await fleet("n1", "invite n2")
        var status = stat()
        #expect(stat("\(top)/n2.fleet", &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try await fleet("n1", "invite n2", expecting: 1).contains("error"), "it replaces no file")
        _ = try await fleet("n2", "join n2.fleet")
        #expect(try await fleet("n2", "join n2.fleet", expecting: 1).contains("is node n2"))
        #expect(try await fleet("n2", "invite n3", expecting: 1).contains("authority is not on this host"))

        let directory = FleetDirectory(dataDirectory: "\(top)/n2")
        #expect(try directory.read().leaseSeconds == 12, "the bundle has it from there")
        let session = try RunningSession(directory, lease: nil)
        await session.session.publish(
            FleetPublication(node: NodeEntry(name: "", revision: "0123456789abcdef", health: .ready)))
        try await session.awaitConnection()
        let replica = ClaimRequest(.replica(service: "pinger", 1), holder: "container/pinger.1")
        #expect(try await session.session.claim([replica])[0].isTaken)
        let shown = try await fleet("n1", "status")
        #expect(shown.contains("n2") && shown.contains("0123456789ab") && shown.contains("pinger.1"), "\(shown)")
        let json = try JSONValue(parsing: try await fleet("n1", "status -o json").utf8)
        #expect(shown.contains("silent for 12s") && json["leaseSeconds"] == 12)
        let certificates = "\(top)/n1/fleet/authority/etcd/\(host)"
        let lease = try await sh(
            "ETCDCTL_API=3 etcdctl --endpoints=https://\(host):2379 --cacert=\(certificates)/ca.pem "
                + "--cert=\(certificates)/server.pem --key=\(certificates)/server.key "
                + "lease timetolive \(String(session.view.lease, radix: 16))")
        #expect(lease.contains("granted with TTL(12s)"), "\(lease)")
        #expect(json["nodes"]?.array?.first?["runs"] == ["pinger.1"])
        #expect(json["etcd"]?.array?.first?["hasLeader"] == true)
        #expect(try await fleet("n1", "join n2.fleet", expecting: 1).contains("is node n1"))

        // A second host with the bundle of a live node does not get in.
        #expect(try await fleet("n3", "join n2.fleet", expecting: 1).contains("in the fleet already"))
        #expect(!FleetDirectory(dataDirectory: "\(top)/n3").exists)
        // Where it did not ask, it is no node, and what the node has is not its own to give back.
        _ = try await fleet("n3", "join n2.fleet --offline")
        #expect(try await fleet("n3", "leave", expecting: 1).contains("another machine is node n2 of fleet test"))
        _ = try await fleet("n3", "leave --force")
        #expect(!FleetDirectory(dataDirectory: "\(top)/n3").exists && session.view.connection == .connected)
        #expect(try await fleet("n1", "status").contains("n2"))

        // While many claims are given back, the agent that lost its lease does not come back with another one.
        let many = (2...80).map { ClaimRequest(.replica(service: "pinger", $0), holder: "container/pinger.\($0)") }
        #expect(try await session.session.claim(many).allSatisfy(\.isTaken))
        #expect(try await fleet("n2", "leave").contains("gave back 80 claims"))
        try await eventually("left") { session.view.connection == .left }
        #expect(!directory.exists)
        #expect(try await fleet("n1", "status", expecting: nil).contains("n2") == false)

        #expect(try await fleet("n1", "revoke n2").contains("crl.pem"))
        #expect(try await fleet("n4", "join n2.fleet", expecting: 1).contains("ends connections"))
        #expect(try await fleet("n1", "renew").contains(host))
        #expect(try await fleet("n1", "leave", expecting: 1).contains("authority of fleet test is on this host"))
        etcd.stop()
        #expect(try await fleet("n1", "status", expecting: 1).contains("cannot be reached"))
        #expect(try await fleet("n1", "leave --yes", expecting: 1).contains("--force"))
        _ = try await fleet("n1", "leave --yes --force")
        #expect(!FleetDirectory(dataDirectory: "\(top)/n1").exists)
    }
}
