import Glibc
import Testing

/// Ctrl-C during an apply.
@Suite(.serialized, .kernel) struct InterruptTests {
    /// A container that takes its time to stop, and what hangs on it.
    private func stubborn(_ host: TestHost) -> String {
        let script = "trap ': > /state/told' TERM; : > /state/ready; while :; do sleep 0.1; done"
        return host.container(
            "web", command: ["sh", "-c", script], "networks: [front]",
            "mounts: [{ source: \(host.directory)/state, target: /state }]", "stopGracePeriod: 15s"
        ).replacing("stopSignal: SIGKILL", with: "stopSignal: SIGTERM")
    }

    /// Waits until that container has noted something: that it is `ready`, or was `told` to stop.
    private func awaitNote(_ note: String, _ host: TestHost) throws {
        let path = host.directory + "/state/" + note
        guard eventually(within: .seconds(30), { Files.exists(path) }) else { throw Failure("it is not \(note)") }
    }

    /// Answers with the process of that container, which is to be taken away next.
    private func prepare(_ host: TestHost) throws -> Int32 {
        try host.sh("mkdir \(host.directory)/state")
        let network = Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]")
        let keep = host.container("keep", command: ["sleep", "600"], "networks: [front]")
        try host.write(network, keep, stubborn(host))
        try host.apply()
        try awaitNote("ready", host)
        try host.write(network, keep)
        return try host.pid("web")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func theFirstFinishesWhatIsUnderWay(_ signal: Int32) throws {
        try withHost { host in
            let pid = try prepare(host)
            let pass = try host.startReconcile(["apply", host.manifests])
            try awaitNote("told", host)
            #expect(pass.isRunning)
            kill(pass.pid, signal)
            let result = try pass.wait(.seconds(120))
            #expect(result.code == 128 + signal, "\(result)")
            #expect(result.errors.contains("Interrupted: finishing what is under way"), "\(result)")
            #expect(result.errors.contains("The next run goes on from here."), "\(result)")
            // Its stop was under way; its sandbox is left to the next one.
            #expect(!isAlive(pid))
            #expect(try host.attempt("test -e /run/netns/reconcile-web").code == 0)
            try host.apply()
            try host.expectConverged()
            #expect(try host.attempt("test -e /run/netns/reconcile-web").code == 1)
        }
    }

    /// A long first apply, interrupted here and there: what runs by then goes on running, and the next one makes the rest.
    @Test func aLongApplyGoesOnFromWhereItWasInterrupted() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            let names = (1...30).map { "c\($0)" }
            let containers = names.map { host.container($0, command: ["sleep", "600"], "networks: [front]") }
            try host.write(Manifest.network("front", dual(20)) + containers.joined())
            var running: Set<Int32> = []
            var interrupted = 0
            for signal in [SIGINT, SIGTERM, SIGINT] {
                let pass = try host.startReconcile(["apply", host.manifests])
                let before = host.processes.count
                _ = eventually { !pass.isRunning || host.processes.count > before + 8 }
                kill(pass.pid, signal)
                let result = try pass.wait(.seconds(60))
                #expect(result.code == 128 + signal || result.code == 0, "\(result)")
                if result.code != 0 { interrupted += 1 }
                let now = Set(names.compactMap { try? host.pid($0) })
                #expect(running.isSubset(of: now), "nothing is started twice")
                running = now
            }
            #expect(interrupted > 0)
            try host.apply()
            try host.expectConverged()
            let all = try names.map { try host.pid($0) }
            #expect(running.isSubset(of: Set(all)))
            try host.destroyLeavingNothing(since: clean, "interrupted")
        }
    }

    @Test func theSecondEndsAtOnce() throws {
        try withHost { host in
            let pid = try prepare(host)
            let pass = try host.startReconcile(["apply", host.manifests])
            try awaitNote("told", host)
            kill(pass.pid, SIGINT)
            // Two that come at once are one.
            let isHeard = eventually { pass.errors.contains("Once more ends at once.") }
            #expect(isHeard && pass.isRunning)
            kill(pass.pid, SIGINT)
            let ended = eventually { !pass.isRunning }
            #expect(ended)
            let result = try pass.wait(.seconds(120))
            #expect(result.code == 130, "\(result)")
            #expect(!result.errors.contains("The next run goes on from here."), "it ended in order: \(result)")
            #expect(isAlive(pid), "its grace was waited for")
            // The next one need not wait for it.
            kill(pid, SIGKILL)
            let isGone = eventually { !isAlive(pid) }
            #expect(isGone)
            try host.apply()
            try host.expectConverged()
        }
    }
}
