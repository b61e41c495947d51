import Drivers
import Manifests
import Model
import Planning

/// What needs no kernel: deriving, planning and rendering for many endpoints, and decoding many documents.
@main
enum PureBenchmark {
    /// Sizes are taken from the command line.
    static func main() {
        let given = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let sizes = given.isEmpty ? [1000, 2000, 5000, 10000] : given
        say("| what | size | wall, ms: median (min-max) | CPU, ms | CPU ms per 1,000 |")
        say("|---|---|---|---|---|")
        for size in sizes {
            let stack = Stack(endpoints: size)
            let desired = stack.desired()
            precondition(desired.diagnostics.isEmpty && desired.endpoints.count == size)
            let facts = stack.facts(of: desired)
            let nothing = Observation()
            let all = Observation(objects: stack.desired(facts).objects)
            precondition(Planner.plan(desired: stack.desired(facts).objects, observation: all).isEmpty)

            time("plan from nothing: derive and compare", size: size) {
                Planner.plan(desired: stack.desired().objects, observation: nothing).changes.count
            }
            time("plan, all is there: derive and compare", size: size) {
                Planner.plan(desired: stack.desired(facts).objects, observation: all).changes.count
            }
            time("of that: derive", size: size) { stack.desired(facts).objects.count }
            let again = stack.desired(facts).objects
            time("of that: compare", size: size) { Planner.plan(desired: again, observation: all).changes.count }
            let plan = Planner.plan(desired: desired.objects, observation: nothing)
            time("render the plan from nothing as text", size: size) {
                PlanText(plan, style: .plain).render().utf8.count
            }
        }
        for size in sizes {
            let documents = Array(documents(size).utf8)
            time("decode documents of one file", size: size) {
                let file = ManifestDecoder.decode(bytes: documents, path: "stack.yaml", directory: "/")
                let snapshot = ManifestSnapshot(files: [file])
                precondition(!snapshot.hasErrors && snapshot.resources.containers.count == size)
                return snapshot.resources.containers.count
            }
        }
    }

    private static func documents(_ count: Int) -> String {
        let network = "apiVersion: reconcile/v1\nkind: Network\nmetadata: { name: front }\n"
        let subnet = "spec: { subnets: [{ subnet: 10.0.0.0/8 }] }\n"
        return network + subnet + (0..<count).map { number in
            """
            ---
            apiVersion: reconcile/v1
            kind: Container
            metadata: { name: c\(number), labels: { tier: web } }
            spec:
              image: docker.io/library/nginx:1.27
              command: [nginx, -g, daemon off;]
              environment: { TZ: UTC, MODE: production }
              networks:
                - { name: front, ipv4: 10.1.\(number / 250).\(number % 250 + 2), aliases: [www] }
              ports: ["\(20000 + number):80"]
              mounts: [{ type: tmpfs, target: /tmp }]
              resources: { memory: 256Mi, cpus: 0.5, pids: 100 }

            """
        }.joined()
    }
}
