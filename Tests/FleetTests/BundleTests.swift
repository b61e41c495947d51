import Foundation
import Glibc
import Model
import Testing

@testable import Fleet

@Suite("Bundles and the files of a membership")
struct BundleTests {
    private let now: Int64 = 1_800_000_000

    private func bundle(_ node: String = "node2", lifetime: Int64 = 900) throws -> FleetBundle {
        let authority = try Authority.make(fleet: "main", now: now)
        let made = try authority.issueClient(node, now: now, lifetime: lifetime)
        return FleetBundle(
            fleet: "main", node: node, endpoints: [EtcdEndpoint("10.0.0.1")!], expires: now + 600,
            identity: EtcdIdentity(
                authority: authority.certificatePEM, certificate: made.certificate, key: made.key))
    }

    private func code(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? Diagnostic)?.code }
        return nil
    }

    @Test("is read back, and only its owner may read it")
    func roundTrip() throws {
        try withDirectory { path in
            let (file, bundle) = (path + "/node2.fleet", try bundle())
            try bundle.write(to: file)
            #expect(try FleetBundle.read(file, now: now) == bundle)
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(code { try bundle.write(to: file) } == "fleet-file", "it replaces nothing")
            #expect(code { _ = try FleetBundle.read(file, now: now + 601) } == "fleet-bundle-expired")
            #expect(code { _ = try FleetBundle.read(file, now: now - 3601) } == "fleet-bundle-expired")
            chmod(file, 0o640)
            #expect(code { _ = try FleetBundle.read(file, now: now) } == "fleet-file-unsafe")
            chmod(file, 0o600)
            symlink(file, path + "/link")
            #expect(code { _ = try FleetBundle.read(path + "/link", now: now) } == "fleet-file-unsafe")
            mkfifo(path + "/pipe", 0o600)
            #expect(code { _ = try FleetBundle.read(path + "/pipe", now: now) } == "fleet-file-unsafe")
            #expect(code { _ = try FleetBundle.read(path + "/none", now: now) } == "fleet-file")
        }
    }

    @Test("a fleet's lease goes with the bundle to each node; files of older versions have the usual one")
    func lease() throws {
        try withDirectory { path in
            var bundle = try bundle()
            bundle.leaseSeconds = 4
            let read = try #require(FleetBundle(bundle.json))
            #expect(read == bundle)
            let directory = FleetDirectory(dataDirectory: path + "/data")
            try directory.create(
                fleet: "main", node: "node2", endpoints: read.endpoints, leaseSeconds: read.leaseSeconds
            ) { _ in read.identity }
            #expect(try directory.read().leaseSeconds == 4)
            #expect(FleetLease.read(nil) == 10 && FleetLease.read(0) == 2 && FleetLease.read(.max) == 3600)
        }
    }

    @Test("is refused where its parts do not belong together")
    func damaged() throws {
        try withDirectory { path in
            let (good, other) = (try bundle(), try bundle())
            var wrong = [good, good, good, good]
            wrong[0].identity.key = other.identity.key
            wrong[1].identity.authority = other.identity.authority
            wrong[2].node = "node3"
            wrong[3].fleet = "other"
            for (index, bundle) in wrong.enumerated() {
                try bundle.write(to: "\(path)/\(index)")
                #expect(code { _ = try FleetBundle.read("\(path)/\(index)", now: now) } == "fleet-bundle", "\(index)")
            }
            try "{}".write(toFile: path + "/text", atomically: true, encoding: .utf8)
            chmod(path + "/text", 0o600)
            #expect(code { _ = try FleetBundle.read(path + "/text", now: now) } == "fleet-bundle")
        }
    }

    private func enter(_ directory: FleetDirectory, _ bundle: FleetBundle) throws {
        try directory.create(fleet: "main", node: "node2", endpoints: bundle.endpoints) { _ in bundle.identity }
    }

    private func fail(_: FleetDirectory) throws(Diagnostic) -> EtcdIdentity { throw Diagnostic(code: "stop", "stop") }

    private func others(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o077 : 0o777
    }

    @Test("a membership appears as a whole, is private, and goes as a whole")
    func membership() throws {
        try withDirectory { path in
            let bundle = try bundle()
            try check(FleetDirectory(dataDirectory: path + "/data"), bundle, path + "/data")
        }
    }

    private func check(_ directory: FleetDirectory, _ bundle: FleetBundle, _ path: String) throws {
        #expect(!directory.exists)
        #expect(code { _ = try directory.read() } == "fleet-none")
        let stopped = code {
            try directory.create(fleet: "main", node: "node2", endpoints: bundle.endpoints, identity: fail)
        }
        #expect(stopped == "stop" && Files.below(path) == [])
        try enter(directory, bundle)
        let membership = try directory.read()
        #expect(membership.node == "node2" && membership.identity == bundle.identity)
        #expect(membership.instance.count > 16)
        for name in Files.below(path) { #expect(others("\(path)/\(name)") == 0, "\(name)") }
        #expect(code { try enter(directory, bundle) } == "fleet-member")
        chmod(directory.path + "/node.key", 0o644)
        #expect(code { _ = try directory.read() } == "fleet-file-unsafe")
        try directory.remove()
        #expect(!directory.exists && Files.below(path) == [])
    }
}

private enum Files {
    static func below(_ path: String) -> [String] { (FileManager.default.subpaths(atPath: path) ?? []).sorted() }
}
