import Foundation
import Glibc
import Testing

@testable import Fleet

/// A directory of a test, removed after it.
func withDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/reconcile-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
}

@Suite("The authority and its certificates")
struct CertificateTests {
    private let now: Int64 = 1_800_000_000

    @Test("an authority comes back from its files")
    func authority() throws {
        let authority = try Authority.make(fleet: "main", now: now)
        let again = try Authority(certificate: authority.certificatePEM, key: authority.keyPEM)
        #expect(again.fleet == "main" && again.certificatePEM == authority.certificatePEM)
        let other = try Authority.make(fleet: "main", now: now)
        #expect(throws: (any Error).self) { try Authority(certificate: authority.certificatePEM, key: other.keyPEM) }
    }

    @Test("a node's certificate is of its authority, for its key, and holds for the time asked")
    func client() throws {
        let authority = try Authority.make(fleet: "main", now: now)
        let made = try authority.issueClient("node2", now: now, lifetime: 900)
        let facts = try CertificateFacts(pem: made.certificate)
        #expect(facts.name == "node2" && facts.fleet == "main")
        #expect(facts.ends == now + 900 && facts.begins == now - 3600 && facts.lifetime == 900)
        #expect(facts.holds(at: now) && !facts.holds(at: now + 901) && !facts.holds(at: now - 3601))
        #expect(!facts.isDue(at: now + 599) && facts.isDue(at: now + 600))
        #expect(Authority.isIssued(made.certificate, by: authority.certificatePEM))
        #expect(Authority.isKey(made.key, of: made.certificate))
        let other = try Authority.make(fleet: "main", now: now)
        #expect(!Authority.isIssued(made.certificate, by: other.certificatePEM))
        #expect(!Authority.isKey(try other.issueClient("node2", now: now).key, of: made.certificate))
    }

    @Test("a renewed certificate is for the same node and key")
    func renewal() throws {
        let authority = try Authority.make(fleet: "main", now: now)
        let made = try authority.issueClient("node2", now: now, lifetime: 900)
        let renewed = try authority.renewClient(made.certificate, now: now + 700)
        let facts = try CertificateFacts(pem: renewed)
        #expect(facts.name == "node2" && facts.ends == now + 1600 && facts.lifetime == 900)
        #expect(Authority.isKey(made.key, of: renewed))
        let stranger = try Authority.make(fleet: "main", now: now).issueClient("node2", now: now)
        #expect(throws: (any Error).self) { try authority.renewClient(stranger.certificate, now: now) }
    }

    @Test("openssl takes authority, certificates and revocation list")
    func openssl() throws {
        try withDirectory { path in
            let now = WallClock.now()
            let directory = AuthorityDirectory(path: path + "/authority")
            let authority = try Authority.make(fleet: "main", now: now)
            let members = [EtcdEndpoint("10.0.0.1")!, EtcdEndpoint("etcd.example.org")!]
            try directory.create(authority, members: members, now: now)
            let nodes = try ["good", "bad"].map { try directory.issueClient(authority, $0, now: now, lifetime: 900) }
            #expect(try directory.revoke(authority, "bad", now: now) == 1)
            try nodes[0].certificate.write(toFile: path + "/good.pem", atomically: true, encoding: .utf8)
            try nodes[1].certificate.write(toFile: path + "/bad.pem", atomically: true, encoding: .utf8)
            let etcd = directory.etcd + "/10.0.0.1"
            let verify = "openssl verify -x509_strict -crl_check -CAfile \(etcd)/ca.pem -CRLfile \(etcd)/crl.pem"
            #expect(try run("\(verify) -purpose sslclient \(path)/good.pem").contains("good.pem: OK"))
            #expect(try run("\(verify) \(path)/bad.pem").contains("certificate revoked"))
            #expect(try run("\(verify) -purpose sslserver -verify_ip 10.0.0.1 \(etcd)/server.pem").contains(": OK"))
            #expect(
                try run("\(verify) -verify_hostname etcd.example.org \(directory.etcd)/etcd.example.org/server.pem")
                    .contains(": OK"))
            #expect(
                try run("openssl crl -in \(etcd)/crl.pem -CAfile \(etcd)/ca.pem -noout -text").contains("verify OK"))
        }
    }

    @Test("a revoked node gets no further certificate, a live one when its own is due, once")
    func revoked() throws {
        try withDirectory { path in
            let directory = AuthorityDirectory(path: path + "/authority")
            let authority = try Authority.make(fleet: "main", now: now)
            try directory.create(authority, members: [EtcdEndpoint("10.0.0.1")!], now: now)
            let first = try directory.issueClient(authority, "node2", now: now, lifetime: 900)
            #expect(try directory.renewClient(authority, "node2", now: now) == first.certificate)
            let second = try #require(try directory.renewClient(authority, "node2", now: now + 700))
            #expect(second != first.certificate)
            #expect(try directory.renewClient(authority, "node2", now: now + 701) == second)
            #expect(try directory.renewClient(authority, "stranger", now: now) == nil)
            #expect(try directory.revoke(authority, "node2", now: now) == 2)
            #expect(try directory.renewClient(authority, "node2", now: now + 700) == nil)
        }
    }

    /// What a command says. Foundation's Process is of no use here: its waiting needs a run loop.
    private func run(_ command: String) throws -> String {
        let pipe = try #require(popen(command + " 2>&1", "re"))
        defer { pclose(pipe) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { return String(decoding: text, as: UTF8.self) }
            text += buffer[..<count]
        }
    }
}
