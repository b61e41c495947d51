import Glibc
import Testing

/// `networks: [container:NAME]`: a container in the sandbox of another one.
@Suite(.serialized, .kernel) struct SharedSandboxTests {
    private func site(_ host: TestHost, environment: String = "a", guest: String = "container:web") -> String {
        [
            Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }, { subnet: 'fd00:20::/64' }]"),
            host.container(
                "web", "networks: [{ name: front, ipv4: 10.20.0.10 }]", "ports: ['8080:80', '8082:82']",
                "hostname: shop", "environment: { A: \(environment) }", "dns: { servers: [10.0.0.53] }"),
            host.container(
                "guest", command: ["httpd", "-f", "-p", "82", "-h", "/www"], "networks: ['\(guest)']"),
        ].joined()
    }

    private func namespace(_ pid: Int32) -> UInt64 {
        var status = stat()
        return stat("/proc/\(pid)/ns/net", &status) == 0 ? UInt64(status.st_ino) : 0
    }

    @Test func theyShareEverythingOfTheNetwork() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(site(host))
            let plan = try host.plan()
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(namespace(try host.pid("guest")) == namespace(try host.pid("web")))
            // The host publishes the guest's port as its sandbox's.
            try host.awaitHTTP("127.0.0.1:8080")
            try host.awaitHTTP("127.0.0.1:8082")
            try host.awaitHTTP("127.0.0.1:80", from: .sandbox("web"))
            for file in ["/etc/hosts", "/etc/resolv.conf", "/etc/hostname"] {
                let both = try ["web", "guest"].map { try host.reconcile("exec", $0, "--", "cat", file).output }
                #expect(both[0] == both[1] && !both[0].isEmpty, "\(file): \(both)")
            }
            #expect(try host.inspect("container/guest")["sandbox"]?.string == "/run/netns/reconcile-web")
            #expect(try host.sh("ls /run/netns").trimmed == "reconcile-web")
            let heard = try Monitor(host, sandboxes: ["web"]).hears { try host.apply() }
            #expect(heard.isEmpty, "\(heard)")
            try host.destroyLeavingNothing(since: clean, "shared")
        }
    }

    @Test func theGuestGoesWithTheSandboxAndStaysWithTheProcess() throws {
        try withHost { host in
            try host.write(site(host))
            try host.apply()
            let guest = try host.pid("guest")
            // Another process in the same sandbox is nothing to the guest.
            try host.write(site(host, environment: "b"))
            try host.apply()
            try host.expectConverged()
            #expect(try host.pid("guest") == guest)
            #expect(namespace(guest) == namespace(try host.pid("web")))
            // A sandbox that only the guest holds any more is bound again, and the other one's process comes back to it.
            let old = try host.pid("web")
            try host.sh("ip netns del reconcile-web")
            kill(old, SIGKILL)
            #expect(eventually { !isAlive(old) })
            try host.apply()
            try host.expectConverged()
            #expect(try host.pid("guest") == guest)
            #expect(namespace(guest) == namespace(try host.pid("web")))
            try host.awaitHTTP("127.0.0.1:8082")
            // One that nobody holds any more is gone: both are made anew in the next one.
            let both = [guest, try host.pid("web")]
            try host.sh("ip netns del reconcile-web")
            for process in both { kill(process, SIGKILL) }
            #expect(eventually { both.allSatisfy { !isAlive($0) } })
            try host.apply()
            try host.expectConverged()
            #expect(namespace(try host.pid("guest")) == namespace(try host.pid("web")))
            // A guest that ended comes back to where it was.
            let web = try host.pid("web")
            kill(try host.pid("guest"), SIGKILL)
            _ = try eventually { try !host.plan().changes.isEmpty }
            try host.apply()
            try host.expectConverged()
            #expect(try host.pid("web") == web)
            #expect(namespace(try host.pid("guest")) == namespace(web))
            // And it can have its own.
            try host.write(site(host, environment: "b", guest: "front"))
            try host.apply()
            try host.expectConverged()
            #expect(namespace(try host.pid("guest")) != namespace(web))
            #expect(try host.pid("web") == web)
        }
    }

    @Test func theAgentKeepsThemTogether() throws {
        try withHost { host in
            try host.write(site(host))
            let agent = try host.startAgent()
            let web = try host.pid("web")
            var guest = try host.pid("guest")
            var before = agent.events.count
            kill(guest, SIGKILL)
            try agent.awaitEvent("the guest's end", after: before, within: .seconds(30)) {
                $0.isRepair(of: "process guest", nil)
            }
            #expect(try eventually { try host.reconcile("apply", "--dry-run", host.manifests).code == 0 })
            #expect(try host.pid("web") == web, "the other one has nothing to do with it")
            guest = try host.pid("guest")
            before = agent.events.count
            // Its own process is ended and its mount is taken away: the guest alone holds the sandbox, which is bound again.
            kill(web, SIGKILL)
            try host.sh("umount /run/netns/reconcile-web")
            #expect(
                try eventually(within: .seconds(60)) {
                    guard try host.reconcile("apply", "--dry-run", host.manifests).code == 0 else { return false }
                    return try host.pid("web") != web && namespace(host.pid("web")) == namespace(host.pid("guest"))
                }, "\(agent.told(after: before))")
            #expect(try host.pid("guest") == guest)
            try host.awaitHTTP("127.0.0.1:8082")
            try agent.stop()
        }
    }

    /// A container may be called what a field says of the host's network.
    @Test func aContainerNamedHostHasItsOwnSandbox() throws {
        try withHost { host in
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]"),
                host.container("host", command: ["sleep", "600"], "networks: [front]"))
            try host.apply()
            try host.expectConverged()
            #expect(namespace(try host.pid("host")) != namespace(host.holderPID))
        }
    }
}
