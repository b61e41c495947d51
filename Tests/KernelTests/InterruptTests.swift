import Glibc
import Testing

/// Ctrl-C during an apply.
@Suite(.serialized, .kernel) struct InterruptTests {
    /// A container that takes its time to stop, and what hangs on it.
    private func stubborn(_ host: TestHost) -> String {
        host.container(
            "web", command: ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"], "networks: [front]",
            "stopGracePeriod: 3s"
        ).replacing("stopSignal: SIGKILL", with: "stopSignal: SIGTERM")
    }

    private func prepare(_ host: TestHost) throws {
        let network = Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]")
        let keep = host.container("keep", command: ["sleep", "600"], "networks: [front]")
        try host.write(network, keep, stubborn(host))
        try host.apply()
        try host.write(network, keep)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func theFirstFinishesWhatIsUnderWay(_ signal: Int32) throws {
        try withHost { host in
            try prepare(host)
            let pid = try host.pid("web")
            let pass = try host.startReconcile(["apply", host.manifests])
            usleep(1_000_000)
            #expect(pass.isRunning)
            kill(pass.pid, signal)
            let result = try pass.wait(.seconds(20))
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
            try prepare(host)
            let pass = try host.startReconcile(["apply", host.manifests])
            usleep(1_000_000)
            kill(pass.pid, SIGINT)
            usleep(200_000)
            #expect(pass.isRunning)
            kill(pass.pid, SIGINT)
            let ended = eventually(within: .seconds(1)) { !pass.isRunning }
            #expect(ended)
            #expect(try pass.wait(.seconds(5)).code == 130)
            try host.apply()
            try host.expectConverged()
        }
    }
}
