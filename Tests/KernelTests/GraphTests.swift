import Glibc
import Model
import Testing

/// The picture of what is there, and of what manifests ask for.
@Suite(.serialized, .kernel) struct GraphTests {
    @Test func whatIsThereIsWhatWasAskedFor() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.sh("ip route add default via \(client.ipv4)")
            try host.write(
                HelloTests.hello(host).joined(), Manifest.network("inner", "internal: true"),
                host.container("db", command: ["sleep", "600"], "networks: [inner]"),
                host.container("own", command: ["sleep", "600"], "networks: [host]"))
            let asked = try host.reconcile("graph", host.manifests)
            #expect(asked.code == 0, "\(asked)")
            try host.apply()
            let there = try host.reconcile("graph")
            #expect(there.output == asked.output, "\(there)\n\(asked)")
            for text in [
                "{{\"inner<br/>bridge, internal<br/>172.17.0.0/16\"}}", "([\"8080 → 80/tcp\"])", "[\"web<br/>rootfs:",
                "eth0 10.20.0.10", "([\"up1<br/>mtu 1500\"])", "{{\"host<br/>shared with the host\"}}",
            ] { #expect(there.output.contains(text), "\(text)\n\(there.output)") }
            #expect(try host.reconcile("graph", "--format", "dot").output.hasPrefix("digraph reconcile {"))
            #expect(try host.reconcile("graph", "--format", "svg").output.hasPrefix("<svg "))
            let json = try JSONValue(parsing: Array(try host.reconcile("graph", "-o", "json").output.utf8))
            #expect(json["containers"]?.array?.count == 5 && json["uplink"]?["name"]?.string == "up1")
            kill(try host.pid("db"), SIGKILL)
            #expect(try eventually { try host.reconcile("graph").output.contains("db (exited)") })
            let wrong = try host.reconcile("graph", "--format", "png")
            #expect(wrong.code == 64)
        }
    }
}
