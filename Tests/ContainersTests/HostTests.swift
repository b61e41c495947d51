import Glibc
import Model
import Testing

@testable import Containers

@Suite struct HostTests {
    let hybrid = """
        tmpfs /sys/fs/cgroup tmpfs rw 0 0
        cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
        cgroup /sys/fs/cgroup/pids cgroup rw,relatime,pids 0 0
        cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
        """
    let unified = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n"

    private func choose(
        _ mounts: String, _ controllers: String, crun: String? = "/usr/bin/crun", runc: String? = "/usr/sbin/runc"
    ) throws -> RuntimeChoice {
        try RuntimeChoice.choose(
            cgroups: try #require(Cgroups(mounts: mounts)), v2Controllers: controllers, crun: crun, runc: runc)
    }

    @Test func cgroupsAreReadFromMounts() throws {
        let v1 = try #require(Cgroups(mounts: hybrid))
        #expect(v1.version == .v1)
        #expect(v1.hybridMount == "/sys/fs/cgroup/unified")
        #expect(v1.tracking == "/sys/fs/cgroup/pids")
        let v2 = try #require(Cgroups(mounts: unified))
        #expect(v2.version == .v2)
        #expect(v2.hybridMount == nil)
        #expect(Cgroups(mounts: "proc /proc proc rw 0 0\n") == nil)
    }

    @Test func crunIsPreferred() throws {
        #expect(try choose(unified, "").kind == .crun)
        // systemd's hybrid: the cgroup2 holds no controller, which crun takes.
        #expect(try choose(hybrid, "\n").kind == .crun)
    }

    @Test func runcTakesWhatCrunRefuses() throws {
        let choice = try choose(hybrid, "hugetlb\n")
        #expect(choice.kind == .runc)
        #expect(choice.reason.contains("hugetlb"))
        #expect(try choose(unified, "", crun: nil).kind == .runc)
    }

    @Test func noRuntimeIsAnErrorThatSaysWhatToInstall() {
        #expect(throws: Diagnostic.self) { try choose(unified, "", crun: nil, runc: nil) }
        #expect {
            try choose(hybrid, "hugetlb", runc: nil)
        } throws: {
            ($0 as? Diagnostic)?.hint?.contains("apt install runc") == true
        }
    }

    @Test func identityIsReadFromStat() throws {
        var fields = ["S"] + (4...60).map { String($0) }
        let line = "42 (a) b (c)) " + fields.joined(separator: " ")
        let parsed = try #require(ProcessIdentity.parse(stat: Array(line.utf8)))
        #expect(parsed == (false, 22))
        fields[0] = "Z"
        let zombie = ProcessIdentity.parse(stat: Array(("42 (x) " + fields.joined(separator: " ")).utf8))
        #expect(zombie?.dead == true)
        #expect(ProcessIdentity.parse(stat: Array("42 (x".utf8)) == nil)
    }

    @Test func filesAreReadWhole() throws {
        // Several pieces: the kernel gives this one a page at a time.
        let symbols = try #require(Files.bytes("/proc/kallsyms"))
        #expect(symbols.count > 100_000)
        #expect(symbols.last == UInt8(ascii: "\n"))
        #expect(Files.bytes("/nonexistent") == nil)
    }

    @Test func ownProcessLives() throws {
        let own = try #require(ProcessIdentity(living: getpid()))
        #expect(own.isAlive)
        #expect(!ProcessIdentity(pid: own.pid, startTime: own.startTime + 1).isAlive)
    }

    @Test func idsAreNameAndIncarnation() throws {
        let id = ContainerID(new: "my-app.1")
        #expect(ContainerID(id.text) == id)
        #expect(id.name == "my-app.1")
        for text in ["helpers", "conmon", ".tmp-1-2-3", "web-1234567", "web-1234567G", "-12345678"] {
            #expect(ContainerID(text) == nil)
        }
    }

    @Test func signalsByName() {
        #expect(Signals.number("SIGTERM") == 15)
        #expect(Signals.number("quit") == 3)
        #expect(Signals.number("37") == 37)
        #expect(Signals.number("SIGRTMIN+3") == 37)
        #expect(Signals.number("RTMAX-1") == 63)
        #expect(Signals.number("SIGFOO") == nil)
        #expect(Signals.number("0") == nil)
    }
}
