import Containers
import Foundation
import Model
import Testing

@Suite(.serialized, .enabled(if: Scratch.isPrivate, "needs unshare --net --mount")) struct ContainerLifeTests {
    @Test func startsIsSeenStopsAndLeavesNothing() async throws {
        try await withScratch { scratch in
            let started = try await scratch.start("web", ["sleep", "100"])
            let seen = try #require(scratch.observer.observe().first)
            #expect(seen == started)
            #expect(seen.state == .running)
            #expect(seen.spec == "spec of web")
            try await scratch.runtime.stop(seen.id, signal: 9, grace: .seconds(5))
            let ended = try #require(scratch.observer.observe().first)
            #expect(ended.state == .exited)
            #expect(ended.exitCode == 137)
            try await scratch.runtime.delete(seen.id)
            #expect(scratch.observer.observe().isEmpty)
            #expect(LeftoverFinder(layout: scratch.layout, cgroups: scratch.runtime.cgroups).find().isEmpty)
            scratch.runtime.removeSharedState()
            let group = scratch.runtime.cgroups.tracking + scratch.layout.cgroupParent
            #expect(!FileManager.default.fileExists(atPath: group))
        }
    }

    @Test func exitCodeAndLog() async throws {
        try await withScratch { scratch in
            let started = try await scratch.start("once", ["sh", "-c", "echo out; echo err >&2; exit 3"])
            let ended = try await scratch.end(of: started.id)
            #expect(ended.exitCode == 3)
            let lines = ContainerLog(layout: scratch.layout, name: "once").read()
            #expect(Set(lines.map { "\($0.stream) \($0.text)" }) == ["stdout out", "stderr err"])
        }
    }

    /// A container that ends again and again must not fill the disk with its logs.
    @Test func theLogsOfTheLastTenRunsAreKept() async throws {
        try await withScratch { scratch in
            for run in 1...13 {
                let started = try await scratch.start("once", ["sh", "-c", "echo run \(run)"])
                _ = try await scratch.end(of: started.id)
                try await scratch.runtime.delete(started.id)
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: scratch.layout.logs("once"))
            #expect(files.count == 10)
            let lines = ContainerLog(layout: scratch.layout, name: "once").read().map(\.text)
            #expect(lines == (4...13).map { "run \($0)" })
        }
    }

    @Test func missingProgramIsNamedAndUndone() async throws {
        try await withScratch { scratch in
            let error = await #expect(throws: Diagnostic.self) {
                _ = try await scratch.start("bad", ["nosuchprogram"])
            }
            #expect(error?.message.contains("nosuchprogram") == true)
            #expect(error?.cause?.contains("not found") == true)
            #expect(scratch.observer.observe().isEmpty)
            #expect(LeftoverFinder(layout: scratch.layout, cgroups: scratch.runtime.cgroups).find().isEmpty)
        }
    }

    @Test func confinement() async throws {
        try await withScratch { scratch in
            let started = try await scratch.start("locked", ["sleep", "100"]) {
                $0.user = "app"
                $0.readOnly = true
                $0.resources = Resources(memory: 64 << 20, pids: 50)
            }
            let pid = try #require(started.process?.pid)
            var status = ""
            // The runtime's own process goes on for a moment before it becomes the container's.
            for _ in 0..<1000 where !status.contains("Name:\tsleep") {
                try await Task.sleep(for: .milliseconds(20))
                status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            }
            #expect(status.contains("Seccomp:\t2"))
            #expect(status.contains("NoNewPrivs:\t1"))
            func exec(_ command: String...) async throws -> ContainerRuntime.ExecResult {
                try await scratch.runtime.execCaptured(started.id, command: command, timeout: .seconds(30))
            }
            #expect(try await exec("id", "-u").output == "101\n")
            #expect(try await exec("unshare", "-m", "true").output.contains("not permitted"))
            #expect(try await exec("touch", "/x").output.contains("Read-only"))
            #expect(try await exec("sh", "-c", "exit 7").code == 7)
            let slow = try await scratch.runtime.execCaptured(
                started.id, command: ["sleep", "20"], timeout: .milliseconds(300))
            #expect(slow.timedOut)
        }
    }

    @Test func deadConmonIsSeen() async throws {
        try await withScratch { scratch in
            let started = try await scratch.start("orphan", ["sleep", "100"])
            #expect(scratch.observer.observe().first?.conmonAlive == true)
            started.conmon?.signal(9)
            #expect(started.conmon?.waitForEnd(milliseconds: 20_000) == true)
            #expect(scratch.observer.observe().first?.conmonAlive == false)
            #expect(scratch.observer.observe().first?.state == .running)
            started.process?.signal(9)
            let ended = try await scratch.end(of: started.id)
            #expect(ended.state == .exited)
            #expect(ended.exitCode == nil)
        }
    }

    @Test func aLostRuntimeDirectoryLeavesLeftoversThatAreFound() async throws {
        try await withScratch { scratch in
            let started = try await scratch.start("gone", ["sleep", "100"])
            try FileManager.default.removeItem(atPath: scratch.layout.container(started.id))
            let finder = LeftoverFinder(layout: scratch.layout, cgroups: scratch.runtime.cgroups)
            let found = Set(finder.find().map { $0.kind })
            #expect(found == [.conmon, .layer, .state, .cgroup])
            #expect(await finder.remove(finder.find()).isEmpty)
            #expect(finder.find().isEmpty)
            #expect(started.process?.isAlive == false)
        }
    }
}
