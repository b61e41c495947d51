import Testing

/// What the unit of systemd asks for does not reach into containers, nor does it keep them from starting.
@Suite(.serialized, .kernel) struct ServiceTests {
    @Test func containersStartAsTheServiceStartsThem() throws {
        try withHost { host in
            try host.write(host.container("web"))
            let command = "\(host.binary) apply --data-dir \(host.data) \(host.manifests)"
            // Only with CAP_SYS_RESOURCE may one go below one's score, which then is 0 on both sides.
            try host.sh(
                "choom -n -500 -p $$ >&2 || true; exec setpriv --no-new-privs \(command)", timeout: .seconds(60))
            let pid = try host.pid("web")
            #expect(Files.read("/proc/\(pid)/oom_score_adj").trimmed == "0")
            try host.expectConverged()
        }
    }
}
