import Glibc
import Model
import Testing

/// Services: their replicas as containers, and what commands say of them.
@Suite(.serialized, .kernel) struct ReplicaTests {
    private func write(_ host: TestHost, replicas: Int, _ template: String...) throws {
        try host.write(
            Manifest.network("front", dual(20)),
            host.service(
                "pinger", replicas: replicas, command: ["sleep", "600"], template: ["networks: [front]"] + template))
    }

    private func names(_ host: TestHost) throws -> [String] {
        let json = try JSONValue(parsing: Array(host.reconcile("status", "-o", "json").output.utf8))
        return (json["resources"]?.array ?? []).compactMap { $0["resource"]?.string }.filter { !$0.hasPrefix("host/") }
    }

    @Test func upAndDown() throws {
        try withHost { host in
            try write(host, replicas: 2)
            try host.apply()
            try host.expectConverged()
            #expect(try host.reconcile("exec", "pinger.2", "--", "hostname").text == "pinger.2")
            let first = try host.pid("pinger.1")
            try write(host, replicas: 4)
            try host.apply()
            #expect(
                try names(host) == [
                    "network/front", "container/pinger.1", "container/pinger.2", "container/pinger.3",
                    "container/pinger.4", "service/pinger",
                ])
            // Which fall away are those with the highest numbers; none of the others is touched.
            try write(host, replicas: 2)
            let plan = try host.plan()
            #expect(Set(plan.changes.map(\.resource)) == ["container/pinger.3", "container/pinger.4"], "\(plan)")
            try host.apply()
            try write(host, replicas: 1)
            try host.apply()
            #expect(try host.pid("pinger.1") == first)
            // To none at all is what the manifest says, and no mistake.
            try write(host, replicas: 0)
            try host.apply()
            try host.expectConverged()
            #expect(try names(host) == ["network/front", "service/pinger"])
            #expect(host.processes.isEmpty)
            // That the service itself is gone may be one.
            try write(host, replicas: 3)
            try host.apply()
            try Files.write("---\n", to: host.manifests + "/site.yaml")
            try host.write(Manifest.network("front", dual(20)))
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 0, "\(result)")
            #expect(try names(host) == ["network/front"])
        }
    }

    @Test func whatCommandsSay() throws {
        try withHost { host in
            try host.write(
                Manifest.network("front", dual(20)),
                host.service(
                    "pinger", replicas: 2,
                    command: ["sh", "-c", "echo I am $(hostname); exec httpd -f -p 80 -h /www"],
                    template: ["networks: [front]", "environment: { A: b }"],
                    "ports: ['9090:80', { host: 9091, container: 80, address: 127.0.0.1, mode: host }]"))
            try host.apply()
            let status = try host.reconcile("status")
            #expect(status.code == 0, "\(status)")
            let line = status.output.lines.first { $0.hasPrefix("service/pinger") } ?? ""
            #expect(line.contains("Ready") && line.contains("2/2 replicas ready"), "\(status)")
            let json = try host.inspect("service/pinger")
            #expect(json["replicas"]?["running"]?.int == 2 && json["replicas"]?["updated"]?.int == 2, "\(json.text())")
            #expect(json["containers"]?.members?.map(\.name) == ["pinger.1", "pinger.2"])
            #expect(
                json["ports"]?.array?.map { $0["mode"]?.string } == ["ingress", "host", "ingress"], "\(json.text())")
            let ports = try host.reconcile("port", "pinger").output.lines
            #expect(ports.contains("80/tcp -> 0.0.0.0:9090") && ports.contains("80/tcp -> [::]:9090"), "\(ports)")
            let isLogged = try eventually { try host.reconcile("logs", "pinger.2").text == "I am pinger.2" }
            #expect(isLogged)
            #expect(try host.reconcile("exec", "pinger.1", "--", "hostname").text == "pinger.1")
        }
    }

    @Test func exportPlansToNoChanges() throws {
        try withHost { host in
            try host.write(
                Manifest.network("front", dual(20)),
                host.service(
                    "pinger", replicas: 3, template: ["networks: [{ name: front, aliases: [www] }]", "ports: ['81']"],
                    "ports: ['9090:80', '0.0.0.0:9091:80', { host: 9092, container: 80, mode: host }]"),
                host.service("one", replicas: 1, template: ["networks: [{ name: front, ipv4: 10.20.0.77 }]"]))
            try host.apply()
            let result = try host.reconcile("export")
            #expect(result.code == 0 && result.errors.isEmpty, "\(result)")
            #expect(result.output.lines.count { $0 == "kind: Service" } == 2, "\(result)")
            #expect(!result.output.contains("kind: Container"), "\(result)")
            try Files.write(result.output, to: host.directory + "/export/all.yaml")
            let plan = try host.reconcile("apply", "--dry-run", host.directory + "/export")
            #expect(plan.code == 0, "\(plan)\n\(result.output)")
        }
    }

    @Test func aSuspendedServiceIsLeftAloneWithItsReplicas() throws {
        try withHost { host in
            try write(host, replicas: 2)
            try host.apply()
            #expect(try host.reconcile("suspend", "service/pinger").code == 0)
            try host.sh("ip link del \(try host.veth("pinger.2"))")
            try write(host, replicas: 3, "environment: { A: b }")
            let pids = try ["pinger.1", "pinger.2"].map { try host.pid($0) }
            try host.apply()
            #expect(try ["pinger.1", "pinger.2"].map { try host.pid($0) } == pids)
            #expect(try host.inspect("container/pinger.3")["state"]?.string == "missing")
            let status = try host.reconcile("status").output.lines
            #expect(status.filter { $0.contains("Suspended") }.count == 4, "\(status)")
            #expect(try host.reconcile("resume", "service/pinger").code == 0)
            try host.apply()
            try host.expectConverged()
            #expect(try host.pid("pinger.3") > 0)
        }
    }

    /// Drift of a replica is repaired, or only told where the service asks for that.
    @Test func driftOfAReplica() throws {
        try withHost { host in
            try write(host, replicas: 2)
            try host.apply()
            let pid = try host.pid("pinger.2")
            try host.sh("ip link set eth0 mtu 1400", in: .sandbox("pinger.2"))
            #expect(try host.plan().drifted("link eth0 in pinger.2") == ["mtu"])
            try host.apply()
            try host.expectConverged()
            #expect(try host.pid("pinger.2") == pid)
            let site = Files.read(host.manifests + "/site.yaml")
            try host.write(
                site.replacing(
                    "metadata: { name: pinger }",
                    with: "metadata: { name: pinger, annotations: { reconcile/mode: detect-only } }"))
            try host.sh("ip link set eth0 mtu 1400", in: .sandbox("pinger.2"))
            let plan = try host.plan()
            #expect(plan.drifted("link eth0 in pinger.2") == ["mtu"] && plan.changes.isEmpty, "\(plan)")
        }
    }
}
