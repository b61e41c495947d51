import Model
import Testing

/// What runs, told as manifests: they plan to no changes, also where nothing is remembered.
@Suite(.serialized, .kernel) struct ExportTests {
    private func site(_ host: TestHost) -> [String] {
        [
            Manifest.network(
                "front", "subnets: [{ subnet: 10.20.0.0/24, gateway: 10.20.0.9 }, { subnet: 'fd00:20::/64' }]"),
            Manifest.network("chosen", "ipv6: true", "mtu: 1400", "bridge: { icc: false, name: br-x }"),
            Manifest.network("inner", "internal: true", "bridge: { gatewayMode: isolated }"),
            Manifest.network("routed", "subnets: [{ subnet: 10.22.0.0/24 }]", "bridge: { gatewayMode: routed }"),
            host.container(
                "web",
                "networks: [{ name: front, ipv4: 10.20.0.10, mac: '02:00:00:00:00:aa' }, { name: inner, interface: in0 }]",
                "ports: ['8080:80', '127.0.0.1:8443:443', '0.0.0.0:9090:90', '81']",
                "environment: { A: \"two\\nlines\" }",
                "resources: { memory: 64Mi, cpus: 0.5, pids: 50 }",
                "mounts: [{ type: tmpfs, target: /tmp, size: 1Mi }]",
                "ulimits: { nofile: 1000 }", "capabilities: { drop: [ALL], add: [NET_BIND_SERVICE] }",
                "dns: { servers: [10.0.0.53] }"),
            host.container(
                "both", command: ["sleep", "600"], "networks: [chosen, { name: front, gatewayPriority: 5 }]",
                "stopGracePeriod: 3s", "hostname: other"),
            host.container("open", "networks: [routed]", "ports: ['80']"),
            host.container("plain", command: ["sleep", "600"]),
            host.container("alone", command: ["sleep", "600"], "networks: [none]"),
            host.container("shared", command: ["sleep", "600"], "networks: [host]"),
            host.container("job", command: ["true"], "restart: never", "networks: [none]"),
        ]
    }

    @Test func planToNoChanges() throws {
        try withHost { host in
            try host.write(site(host).joined())
            try host.apply()
            _ = try eventually { try host.reconcile("inspect", "container/job").output.contains("\"exited\"") }
            for isForgetful in [false, true] {
                if isForgetful { try host.sh("rm -rf \(host.data)/memory /run/reconcile/default/applied.json") }
                let result = try host.reconcile("export")
                #expect(result.code == 0 && result.errors.isEmpty, "\(result)")
                let directory = host.directory + "/export-\(isForgetful)"
                try Files.write(result.output, to: directory + "/all.yaml")
                #expect(try host.reconcile("validate", directory).code == 0)
                let plan = try host.reconcile("apply", "--dry-run", directory)
                #expect(plan.code == 0 && plan.output.hasPrefix("No changes. The host matches "), "\(plan)")
            }
            let json = try JSONValue(parsing: Array(host.reconcile("export", "-o", "json").output.utf8))
            #expect(json.array?.count == 12)
            let web = try #require(json.array?.first { $0["metadata"]?["name"]?.string == "web" })
            #expect(web["spec"]?["ports"]?.array?.contains("8080:80") == true, "\(web.text())")
            #expect(web["spec"]?["environment"]?["A"] == "two\nlines")
        }
    }

    /// The manifests make the same anew, on a host where nothing of it is left.
    @Test func makeItAnew() throws {
        try withHost { host in
            try host.write(site(host).joined())
            try host.apply()
            try Files.write(host.reconcile("export").output, to: host.directory + "/export/all.yaml")
            let before = try ["web", "both", "plain"].map { try host.inspect("container/\($0)")["endpoints"] }
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            #expect(try host.reconcile("export").output.isEmpty)
            let result = try host.reconcile("apply", host.directory + "/export")
            #expect(result.code == 0, "\(result)")
            #expect(try ["web", "both", "plain"].map { try host.inspect("container/\($0)")["endpoints"] } == before)
        }
    }

    /// What drifted is told as it is, with a warning.
    @Test func driftIsTold() throws {
        try withHost { host in
            try host.write(Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]"))
            try host.apply()
            try host.sh("ip link set br-front down")
            let result = try host.reconcile("export")
            #expect(
                result.code == 0 && result.errors.contains("network/front: applying its manifest would change"),
                "\(result)")
        }
    }
}
