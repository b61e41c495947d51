import Drivers
import Manifests
import Model
import Planning
import Testing

/// What runs, told as manifests, asks for what runs.
@Suite struct RecoveryProperties {
    /// A set and a host on which all of it can be had.
    private static func pass(_ seed: UInt64) -> Pass? {
        var random = RandomResources(SeededGenerator(seed: seed))
        let pass = Pass(resources: random.set(), host: random.host())
        return pass.plan().hasErrors ? nil : pass
    }

    static let seeds = (0..<150 as Range<UInt64>).filter { pass($0) != nil }

    @Test func thereAreSeeds() { #expect(Self.seeds.count >= 100) }

    @Test(arguments: seeds) func whatIsExportedChangesNothing(seed: UInt64) throws {
        let pass = try #require(Self.pass(seed))
        let observation = pass.applied()
        let exported = Recovery(
            objects: observation.objects, facts: pass.facts(observation), set: "default")
        #expect(exported.diagnostics.isEmpty)
        // Through the text and back, with all rules of manifests.
        let text = ManifestWriter.yaml(exported.resources)
        let file = ManifestDecoder.decode(text: text, path: "x.yaml", directory: "/")
        let snapshot = ManifestSnapshot(files: [file])
        #expect(!snapshot.hasErrors, "\(snapshot.diagnostics)\n\(text)")
        #expect(ManifestWriter.yaml(snapshot.resources) == text)
        // Nothing is remembered.
        var again = Pass(resources: snapshot.resources, host: pass.host)
        again.host.remembered = [:]
        let plan = again.plan(observation)
        #expect(plan.isEmpty && !plan.hasErrors, "\(PlanText(plan).render())\(plan.diagnostics)\n\(text)")
    }

    /// Options of a process come back from the fields that it was started by.
    @Test func everyOptionOfAProcess() throws {
        let text = """
            apiVersion: reconcile/v1
            kind: Container
            metadata:
              name: "all"
            spec:
              image: "oci:/srv/images/x y:1.0"
              command:
                - sh
                - -c
                - "exit $A"
              args: []
              environment:
                A: "1"
                EMPTY: ""
                TWO: "a\\nb"
              networks:
                - "none"
              dns:
                servers:
                  - "10.0.0.53"
                search:
                  - example.org
                options:
                  - "ndots:1"
              hostname: host
              mounts:
                - source: /a
                  target: /b
                  readOnly: true
                - type: tmpfs
                  target: /tmp
                  size: 65536
              restart: on-failure
              healthcheck:
                command:
                  - "true"
                interval: "1m30s"
                timeout: "500ms"
                retries: 5
                startPeriod: "1d"
              user: "101:101"
              workingDir: /srv
              readOnly: true
              init: true
              stopSignal: SIGINT
              stopGracePeriod: "3s"
              resources:
                memory: 268435456
                cpus: 0.050
                pids: 100
              ulimits:
                core: 0
                nofile:
                  soft: 1024
                  hard: unlimited
              sysctls:
                net.core.somaxconn: "1024"
              capabilities:
                add:
                  - NET_RAW
                drop:
                  - ALL

            """
        let file = ManifestDecoder.decode(text: text, path: "x.yaml", directory: "/")
        #expect(file.diagnostics.isEmpty, "\(file.diagnostics)")
        let pass = Pass(resources: file.resources)
        let observation = pass.applied()
        let recovery = Recovery(objects: observation.objects, facts: pass.facts(observation), set: "default")
        func bare(_ resources: ResourceSet) -> ResourceSet {
            ResourceSet(
                containers: resources.containers.map { container in
                    var container = container
                    container.metadata = Metadata(name: container.metadata.name)
                    return container
                })
        }
        #expect(recovery.resources == bare(file.resources))
        let again = ManifestDecoder.decode(
            text: ManifestWriter.yaml(recovery.resources), path: "y.yaml", directory: "/")
        #expect(bare(again.resources) == bare(file.resources), "\(again.diagnostics)")
    }
}
