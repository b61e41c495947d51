import Glibc
import Testing

/// A pass that is killed anywhere leaves nothing that the next one cannot mend.
@Suite(.serialized, .kernel) struct CrashTests {
    /// Small, but with every kind of object.
    private func site(_ host: TestHost, version: Int = 1) -> String {
        Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }, { subnet: 'fd00:20::/64' }]")
            + host.container(
                "web", "networks: [{ name: front, ipv4: 10.20.0.10 }]", "ports: ['\(8080 + version):80']",
                "environment: { VERSION: '\(version)' }")
            + (version == 1 ? "" : Manifest.network("back", "subnets: [{ subnet: 10.21.0.0/24 }]"))
    }

    /// Runs a pass that kills itself after `count` operations; answers whether it lived to its end.
    private func interruptedPass(_ host: TestHost, after count: Int, _ arguments: [String]) throws -> Bool {
        let result = try host.reconcile(arguments, environment: ["RECONCILE_TEST_KILL_AFTER": "\(count)"])
        guard result.code != -SIGKILL else { return false }
        #expect(result.code == 0, "\(result)")
        return true
    }

    @Test func aFirstApplyKilledAfterEachOperation() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(site(host))
            var count = 1
            while try !interruptedPass(host, after: count, ["apply", host.manifests]) {
                try host.apply()
                try host.expectConverged()
                try host.destroyLeavingNothing(since: clean, "killed after \(count)")
                count += 1
                try #require(count < 100)
            }
            #expect(count > 20, "a pass of \(count) operations is not the one that was meant")
            try host.expectConverged()
        }
    }

    @Test func aDestroyKilledAfterEachOperation() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(site(host))
            try host.apply()
            var count = 1
            while try !interruptedPass(host, after: count, ["destroy", "--yes"]) {
                // Once to the end, once back to where it came from.
                if count % 2 == 0 { try host.destroyLeavingNothing(since: clean, "killed after \(count)") }
                try host.apply()
                try host.expectConverged()
                count += 1
                try #require(count < 100)
            }
            #expect(count > 3)
            try host.destroyLeavingNothing(since: clean, "at the end")
        }
    }

    @Test func aChangeKilledAfterEachOperation() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(site(host))
            try host.apply()
            var count = 1
            while true {
                try host.write(site(host, version: 2))
                if try interruptedPass(host, after: count, ["apply", host.manifests]) { break }
                try host.apply()
                try host.expectConverged()
                try host.write(site(host, version: 1))
                try host.apply()
                try host.expectConverged()
                count += 1
                try #require(count < 100)
            }
            #expect(count > 5)
            try host.destroyLeavingNothing(since: clean, "at the end")
        }
    }

    /// Between the operations too: the pass is killed at moments that no counter knows.
    @Test func passesKilledAtRandomTimes() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(site(host))
            var survived = 0
            for run in 1...20 {
                let arguments = run % 4 == 0 ? ["destroy", "--yes"] : ["apply", host.manifests]
                let pass = try host.startReconcile(arguments)
                usleep(UInt32.random(in: 5000...160_000))
                if pass.isRunning { kill(pass.pid, SIGKILL) } else { survived += 1 }
                _ = try pass.wait(.seconds(20))
                if run % 3 == 0 {
                    try host.apply()
                    try host.expectConverged()
                }
            }
            #expect(survived < 20)
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:8081")
            try host.destroyLeavingNothing(since: clean, "after 20 kills")
        }
    }
}
