import Glibc
import Model
import Testing

/// The agent follows a branch: a commit is what the host becomes.
@Suite(.serialized, .kernel) struct AgentGitTests {
    private func network(_ mtu: Int) -> String {
        Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]", "mtu: \(mtu)")
    }

    /// Runs git in the repository, made when it is first used, as somebody who can sign.
    @discardableResult
    private func git(_ host: TestHost, _ arguments: String) throws -> String {
        let keys =
            "cd \(host.directory); [ -e key ] || { ssh-keygen -q -t ed25519 -N '' -f key; "
            + "echo \"alice@example.com namespaces=\\\"git\\\" $(cat key.pub)\" > signers; }"
        return try host.sh(
            """
            set -e
            \(keys)
            [ -e repository ] || git init -q -b main repository
            cd repository
            exec git -c user.name=Alice -c user.email=alice@example.com -c gpg.format=ssh \
                -c user.signingKey=\(host.directory)/key \(arguments)
            """)
    }

    /// Commits one file; answers with the commit.
    private func commit(_ host: TestHost, _ text: String, _ options: String = "") throws -> String {
        try git(host, "status --short")
        try Files.write(text, to: host.directory + "/repository/site/front.yaml")
        try git(host, "add site")
        try git(host, "commit -q -m change \(options)")
        return try git(host, "rev-parse HEAD")
    }

    private func start(_ host: TestHost, _ options: [String] = []) throws -> RunningAgent {
        let url = "file://\(host.directory)/repository"
        let verify = options.first ?? "--path"
        return try host.startAgent(
            "--git", url, "--interval", "1s", verify, options.isEmpty ? "site" : options[1],
            options.isEmpty ? "--branch" : "--path", options.isEmpty ? "main" : "site")
    }

    private func expectRevision(_ host: TestHost, _ commit: String) throws {
        let json = try JSONValue(parsing: Array(host.reconcile("status", "-o", "json").output.utf8))
        #expect(json["revision"]?.string == commit)
        #expect(json["lastPass"]?["revision"]?.string == commit)
    }

    private func expectRepaired(_ host: TestHost, _ agent: RunningAgent, to mtu: Int, at commit: String) throws {
        let before = agent.events.count
        try host.sh("ip link set br-front mtu 1290")
        let event = try agent.awaitEvent("the drift", after: before) { $0.isRepair(of: "link br-front", "mtu") }
        #expect(event["desired"]?.int == Int64(mtu) && event["revision"]?.string == commit)
    }

    @Test func aCommitIsWhatTheHostBecomes() throws {
        try withHost { host in
            let first = try commit(host, network(1500))
            let agent = try start(host)
            try host.awaitMTU(1500)
            try expectRevision(host, first)
            var before = agent.events.count
            let second = try commit(host, network(1400))
            let updated = try agent.awaitEvent("the change", after: before, within: .seconds(30)) {
                $0["event"]?.string == "updated"
            }
            #expect(updated["revision"]?.string == second)
            try agent.awaitEvent("the commit", after: before) {
                $0["cause"]?.string == "commit \(second.prefix(12)) \"change\"" && $0["revision"]?.string == second
            }
            // The pass that it was is noted after it.
            let isNoted = try eventually(within: .seconds(20)) {
                try host.reconcile("status", "-o", "json").output.components(separatedBy: second).count == 3
            }
            #expect(isNoted)
            try expectRevision(host, second)
            // A commit that breaks the manifest, and its revert.
            before = agent.events.count
            let third = try commit(host, network(1300).replacing("driver:", with: "drivr:"))
            let failed = try agent.awaitEvent("the error", after: before, within: .seconds(30)) {
                $0["event"]?.string == "failed"
            }
            #expect(failed["revision"]?.string == third)
            try expectRepaired(host, agent, to: 1400, at: third)
            before = agent.events.count
            try git(host, "revert --no-edit HEAD")
            try agent.awaitEvent("the revert", after: before, within: .seconds(30)) {
                $0["cause"]?.string == "the manifests are good again"
            }
            // Rewritten, the branch is followed.
            before = agent.events.count
            try git(host, "reset -q --hard \(first)")
            try host.awaitMTU(1500)
            try agent.awaitEvent("the rewriting", after: before) {
                $0["cause"]?.string?.hasPrefix("the branch was rewritten: ") ?? false
            }
            try expectRepaired(host, agent, to: 1500, at: first)
            try agent.stop()
        }
    }

    private func expectBranch(_ host: TestHost, isFollowed: Bool, source: SourceLocation = #_sourceLocation) throws {
        var seen = ""
        let isTold = try eventually(within: .seconds(10)) {
            let (text, document) = (try host.reconcile("status"), try host.reconcile("status", "-o", "json"))
            let branch = try JSONValue(parsing: Array(document.output.utf8))["branch"]
            seen = "\(text)\n\(branch?.text() ?? "")"
            let isNamed = text.output.contains("Branch main is not followed since ")
            return isNamed != isFollowed && text.code == (isFollowed ? 0 : 1) && branch?["branch"]?.string == "main"
                && branch?["code"]?.string == (isFollowed ? nil : "git-repository-missing")
                && (branch?["since"]?.string == nil) == isFollowed
        }
        #expect(isTold, "\(seen)", sourceLocation: source)
    }

    @Test func theRepositoryIsGone() throws {
        try withHost { host in
            let first = try commit(host, network(1400))
            var agent = try start(host)
            try host.awaitMTU(1400)
            let before = agent.events.count
            try host.sh("mv \(host.directory)/repository \(host.directory)/away")
            let failed = try agent.awaitEvent("the failure", after: before, within: .seconds(30)) {
                $0["event"]?.string == "failed"
            }
            #expect(failed["cause"]?.string?.contains("commit \(first.prefix(12)) keeps running") == true)
            #expect(failed["cause"]?.string?.contains("\n") == false)
            try expectBranch(host, isFollowed: false)
            try expectRepaired(host, agent, to: 1400, at: first)
            // A new agent runs what there was.
            try agent.stop()
            agent = try start(host)
            try expectRepaired(host, agent, to: 1400, at: first)
            try expectRevision(host, first)
            try expectBranch(host, isFollowed: false)
            try host.sh("mv \(host.directory)/away \(host.directory)/repository")
            _ = try commit(host, network(1300))
            kill(try agent.process, SIGHUP)
            try host.awaitMTU(1300)
            try expectBranch(host, isFollowed: true)
            try agent.stop()
        }
    }

    @Test func onlyWhatIsSignedCounts() throws {
        try withHost { host in
            let first = try commit(host, network(1500), "-S")
            var agent = try start(host, ["--verify", "\(host.directory)/signers"])
            try host.awaitMTU(1500)
            try agent.awaitEvent("the signer") {
                $0["cause"]?.string?.contains(", signed by alice@example.com") ?? false
            }
            let before = agent.events.count
            let unsigned = try commit(host, network(1400))
            let refused = try agent.awaitEvent("the refusal", after: before, within: .seconds(30)) {
                $0["event"]?.string == "failed"
            }
            let cause = refused["cause"]?.string ?? ""
            #expect(cause.contains(unsigned.prefix(12)) && cause.contains("commit \(first.prefix(12)) keeps running"))
            try expectRepaired(host, agent, to: 1500, at: first)
            try agent.stop()
            agent = try start(host, ["--verify", "\(host.directory)/signers"])
            try expectRepaired(host, agent, to: 1500, at: first)
            // Signed upon it, both count.
            _ = try commit(host, network(1300), "-S")
            try host.awaitMTU(1300)
            try agent.stop()
        }
    }
}
