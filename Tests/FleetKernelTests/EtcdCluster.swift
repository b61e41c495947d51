import Foundation
import Glibc
import Model
import Synchronization

@testable import Fleet

/// A real etcd on loopback addresses of the tests' own network namespace, with the certificates that `fleet init` makes.
final class EtcdCluster: Sendable {
    /// Tells clusters of tests that run side by side from each other.
    private static let count = Mutex(0)

    let directory: String
    let members: [EtcdEndpoint]
    let authority: Authority
    let files: AuthorityDirectory
    private let options: [String]
    private let processes = Mutex<[Int: RunningProcess]>([:])
    private let number: Int

    init(members count: Int = 1, options: [String] = [], authorityTime: Int64 = WallClock.now()) throws {
        try Self.refuseMachine()
        number = Self.count.withLock {
            $0 += 1
            return $0
        }
        var template = Array("/tmp/reconcile-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("mkdtemp") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let number = number
        members = (1...count).map { EtcdEndpoint(host: "127.1.\(number).\($0)") }
        self.options = options
        authority = try Authority.make(fleet: "main", now: authorityTime)
        files = FleetDirectory(dataDirectory: directory + "/operator").authority
        try files.create(authority, members: members, now: authorityTime)
        // The first member is also reached through a proxy.
        let made = try authority.issueServer(
            [members[0].host, "127.1.\(number).9", "localhost", "::1"], now: authorityTime)
        try PrivateFile.write(made.certificate, to: "\(files.etcd)/\(members[0].host)/server.pem")
        try PrivateFile.write(made.key, to: "\(files.etcd)/\(members[0].host)/server.key")
        for index in 0..<count { try start(index) }
    }

    deinit { stop() }

    /// No test talks to anybody in the machine's own network namespace, nor changes its loopback.
    private static func refuseMachine() throws {
        guard Requirements.missing.isEmpty else {
            throw Failure("these tests need \(Requirements.missing.joined(separator: ", "))")
        }
        system("ip link set lo up")
    }

    private func host(_ index: Int) -> String { members[index].host }

    /// Starts a member, or starts it again with what it knew.
    func start(_ index: Int) throws {
        let (host, folder) = (host(index), "\(files.etcd)/\(host(index))")
        let cluster = members.enumerated().map { "m\($0)=https://\($1.host):2380" }.joined(separator: ",")
        let process = try RunningProcess(
            [
                "etcd", "--name=m\(index)", "--data-dir=\(directory)/m\(index)", "--log-level=error",
                "--listen-client-urls=https://\(host):2379", "--advertise-client-urls=https://\(host):2379",
                "--listen-peer-urls=https://\(host):2380", "--initial-advertise-peer-urls=https://\(host):2380",
                "--initial-cluster=\(cluster)", "--client-cert-auth", "--trusted-ca-file=\(folder)/ca.pem",
                "--cert-file=\(folder)/server.pem", "--key-file=\(folder)/server.key",
                "--client-crl-file=\(folder)/crl.pem", "--peer-client-cert-auth",
                "--peer-trusted-ca-file=\(folder)/ca.pem", "--peer-cert-file=\(folder)/server.pem",
                "--peer-key-file=\(folder)/server.key",
            ] + options, log: "\(directory)/m\(index).log")
        processes.withLock { $0[index] = process }
    }

    func signal(_ index: Int, _ number: Int32) { processes.withLock { $0[index] }?.signal(number) }

    func kill(_ index: Int) { processes.withLock { $0.removeValue(forKey: index) }?.stop() }

    func stop() {
        for process in processes.withLock({ $0 }).values { process.stop() }
        processes.withLock { $0 = [:] }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The data directory of a new node, as `fleet join` would make it.
    func node(
        _ name: String, endpoints: [EtcdEndpoint]? = nil, lifetime: Int64 = 900, authority other: Authority? = nil
    ) throws -> FleetDirectory {
        let directory = FleetDirectory(dataDirectory: "\(self.directory)/\(name)")
        let identity = try files.issueClient(authority, name, now: WallClock.now(), lifetime: lifetime)
        try directory.create(fleet: "main", node: name, endpoints: endpoints ?? members) { (_) in identity }
        return directory
    }

    func directoryOf(_ node: String) -> FleetDirectory { FleetDirectory(dataDirectory: "\(directory)/\(node)") }

    /// Makes the operator's host, where the authority is, a node, too.
    func adoptOperator(_ name: String, _ identity: EtcdIdentity) throws {
        let place = FleetDirectory(dataDirectory: directory + "/operator")
        try PrivateFile.move(place.path, to: directory + "/kept")
        try place.create(fleet: "main", node: name, endpoints: members) { (_) in identity }
        try PrivateFile.move(directory + "/kept/authority", to: place.authority.path)
    }

    /// A client with a certificate of its own.
    func client(_ name: String = "client", patience: Duration = .seconds(5)) throws -> EtcdClient {
        EtcdClient(
            endpoints: members, identity: try files.issueClient(authority, name, now: WallClock.now(), lifetime: 900),
            patience: patience)
    }

    /// Waits until it answers.
    func ready() async throws {
        let client = try client("ready")
        try await eventually("etcd answers") {
            do throws(Diagnostic) {
                _ = try await client.get("x")
                return true
            } catch { return false }
        }
        await client.close()
    }

    /// etcdctl, as an operator uses it.
    func etcdctl(_ command: String, _ index: Int = 0, expecting wanted: Int32? = 0) async throws -> String {
        let folder = "\(files.etcd)/\(host(index))"
        return try await sh(
            "ETCDCTL_API=3 etcdctl --dial-timeout=20s --command-timeout=30s --endpoints=https://\(host(index)):2379 "
                + "--cacert=\(folder)/ca.pem --cert=\(folder)/server.pem --key=\(folder)/server.key \(command)",
            expecting: wanted)
    }

    /// The address of a TCP proxy in front of the first member; it is up while what is answered lives.
    var proxied: EtcdEndpoint { EtcdEndpoint(host: "127.1.\(number).9") }

    func proxy() async throws -> RunningProcess { try await forward(proxied.host) }

    /// A TCP proxy on another address; it takes connections when this is done.
    func forward(_ address: String) async throws -> RunningProcess {
        let process = try RunningProcess(
            ["socat", "TCP-LISTEN:2379,bind=\(address),fork,reuseaddr", "TCP:\(members[0])"],
            log: "\(directory)/proxy.log")
        try await eventually("the proxy listens") {
            try await sh("ss -Hltn src \(address):2379").contains("LISTEN")
        }
        return process
    }
}
