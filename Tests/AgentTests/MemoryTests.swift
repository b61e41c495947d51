import Drivers
import Foundation
import Model
import Testing

@testable import Agent

@Suite struct LastPassTests {
    private let pass = LastPass(
        time: 1_767_225_907_042, revision: "abc", paths: ["/etc/a", "/etc/b"], isConverged: false,
        failures: [.container("web"): "no", .network("front"): "taken"])

    @Test func comesBack() async throws {
        try await withDirectory { directory in
            let settings = EngineSettings(runtimeDirectory: directory, dataDirectory: directory)
            #expect(LastPass.read(settings) == nil)
            pass.write(settings)
            #expect(LastPass.read(settings) == pass)
            #expect(LastPass.read(EngineSettings(set: "other", runtimeDirectory: directory)) == nil)
            LastPass.forget(settings)
            #expect(LastPass.read(settings) == nil)
        }
    }

    @Test(arguments: ["", "[]", "{}", "{\"time\": \"x\"}"])
    func brokenIsUnknown(_ text: String) async throws {
        try await withDirectory { directory in
            let settings = EngineSettings(runtimeDirectory: directory)
            pass.write(settings)
            try Data(text.utf8).write(to: URL(filePath: directory + "/default/last-pass.json"))
            #expect(LastPass.read(settings) == nil)
        }
    }
}

@Suite struct HintsTests {
    /// Only chosen ports are remembered: those that manifests name are in the manifests.
    @Test func chosenPortsComeBack() async throws {
        try await withDirectory { directory in
            let hints = Hints(dataDirectory: directory, set: "default")
            var facts = HostFacts()
            var container = Container(metadata: Metadata(name: "web"), image: .registry("x"))
            container.ports = [
                PortMapping(host: nil, container: 80), PortMapping(host: 8080...8080, container: 81),
                PortMapping(host: 9000...9009, container: 82, transport: .udp),
            ]
            let desired = DesiredState(resources: ResourceSet(containers: [container]), facts: facts, set: "default")
            let ports = desired.endpoints["web"]?.flatMap(\.ports) ?? []
            hints.save(desired)
            hints.recall(into: &facts)
            #expect(facts.rememberedPorts["web"] == ports.filter { $0.container != 81 })
            #expect(facts.rememberedPorts["web"]?.map(\.container) == [80, 82])
        }
    }

    @Test func addressesAndSubnetsComeBack() async throws {
        try await withDirectory { directory in
            let hints = Hints(dataDirectory: directory, set: "default")
            var facts = HostFacts()
            hints.recall(into: &facts)
            #expect(facts.remembered.isEmpty && facts.rememberedSubnets.isEmpty)
            var network = Network(metadata: Metadata(name: "front"))
            network.ipv6 = true
            let container = Container(
                metadata: Metadata(name: "web"), image: .registry("x"), networks: [Attachment(network: "front")])
            let resources = ResourceSet(networks: [network], containers: [container])
            let desired = DesiredState(resources: resources, facts: facts, set: "default")
            hints.save(desired)
            hints.recall(into: &facts)
            let endpoint = try #require(desired.endpoints["web"]?.first)
            let key = EndpointKey(container: "web", network: "front")
            #expect(facts.remembered[key]?.ipv4 == endpoint.address(.ipv4))
            #expect(facts.remembered[key]?.ipv6 == endpoint.address(.ipv6))
            #expect(facts.rememberedSubnets["front"] == desired.networks["front"]?.pools.map(\.prefix))
            var other = HostFacts()
            Hints(dataDirectory: directory, set: "other").recall(into: &other)
            #expect(other.remembered.isEmpty)
            hints.forget()
            var forgotten = HostFacts()
            hints.recall(into: &forgotten)
            #expect(forgotten.remembered.isEmpty && forgotten.rememberedSubnets.isEmpty)
        }
    }
}

@Suite struct AppliedRecordTests {
    private func process(_ secret: String) -> KernelObject {
        KernelObject(
            .process("web"), fields: [Field(.image, "nginx"), Field("environment.X", .secret(secret)), Field(.pids, 5)])
    }

    @Test func comesBackForWhatIsAskedFor() async throws {
        try await withDirectory { directory in
            let record = AppliedRecord(runtimeDirectory: directory, set: "default")
            #expect(record.fields(of: [process("hunter2")]).isEmpty)
            record.write([process("hunter2"), KernelObject(.link("br"), fields: [Field(.mtu, 1500)])])
            #expect(record.fields(of: [process("hunter2")]) == [.process("web"): process("hunter2").fields])
            #expect(record.fields(of: [KernelObject(.link("other"))]).isEmpty)
            record.forget()
            #expect(record.fields(of: [process("hunter2")]).isEmpty)
        }
    }

    /// What is suspended keeps the record of when it was last applied.
    @Test func someKeepTheirOldRecord() async throws {
        try await withDirectory { directory in
            let record = AppliedRecord(runtimeDirectory: directory, set: "default")
            func link(_ mtu: Int) -> KernelObject { KernelObject(.link("br"), fields: [Field(.mtu, .int(mtu))]) }
            let other = KernelObject(.link("other"), fields: [Field(.mtu, 1)])
            record.write([link(1500), other])
            record.write([link(1400), other], keeping: [.link("br"), .link("never-seen")])
            #expect(record.fields(of: [link(1)])[.link("br")] == link(1500).fields)
            #expect(record.fields(of: [other])[other.id] == other.fields)
            record.write([link(1400)])
            #expect(record.fields(of: [link(1)])[.link("br")] == link(1400).fields)
        }
    }

    /// What was followed is known at once, and after a restart once it is written; what was taken away is forgotten.
    @Test func whatIsFollowedIsNoted() async throws {
        try await withDirectory { directory in
            func link(_ name: String, _ mtu: Int) -> KernelObject {
                KernelObject(.link(name), fields: [Field(.mtu, .int(mtu))])
            }
            let all = ["a", "b", "c", "d"].map { link($0, 1) }
            let record = AppliedRecord(runtimeDirectory: directory, set: "default")
            record.write(all.dropLast())
            #expect(!record.isBehind)
            record.follow([.link("a"): link("a", 2).fields, .link("b"): [Field]?.none, .link("d"): link("d", 2).fields])
            func expectFollowed(_ record: AppliedRecord) {
                let known = record.fields(of: all)
                #expect(
                    known == [
                        .link("a"): link("a", 2).fields, .link("c"): link("c", 1).fields,
                        .link("d"): link("d", 2).fields,
                    ])
            }
            #expect(record.isBehind)
            expectFollowed(record)
            record.flush()
            #expect(!record.isBehind)
            expectFollowed(record)
            expectFollowed(AppliedRecord(runtimeDirectory: directory, set: "default"))
            // Who keeps what it was keeps what was followed.
            record.follow([.link("a"): link("a", 3).fields, .link("c"): link("c", 3).fields])
            record.write([link("a", 4)], keeping: [.link("c"), .link("d")])
            #expect(!record.isBehind)
            #expect(
                record.fields(of: all) == [
                    .link("a"): link("a", 4).fields, .link("c"): link("c", 3).fields, .link("d"): link("d", 2).fields,
                ])
        }
    }

    /// A secret is not in the file, and one that changed is seen to have changed.
    @Test func secretsAreKeptAsHashes() async throws {
        try await withDirectory { directory in
            let record = AppliedRecord(runtimeDirectory: directory, set: "default")
            record.write([process("hunter2")])
            let text = try String(contentsOfFile: directory + "/default/applied.json", encoding: .utf8)
            #expect(!text.contains("hunter2"))
            #expect(record.fields(of: [process("hunter3")])[.process("web")] != process("hunter3").fields)
        }
    }
}
