import Model
import Testing

@testable import Containers

@Suite struct BundleTests {
    private func launch(_ change: (inout Container) -> Void = { _ in }) -> ContainerLaunch {
        var config = ImageConfig()
        config.entrypoint = ["/entry"]
        config.cmd = ["serve"]
        config.env = ["PATH=/bin", "A=image"]
        config.workingDir = "/srv"
        var container = Container(metadata: Metadata(name: "web"), image: .registry("docker.io/library/x:1"))
        change(&container)
        let image = Image(digest: "sha256:ab", config: config, rootfs: "/data/rootfs/ab")
        return ContainerLaunch(
            container: container, image: image, spec: "SPEC", sandbox: "/run/netns/reconcile-web",
            id: ContainerID("web-0123abcd"))
    }

    private func facts(_ version: Cgroups.Version = .v2, initPath: String? = nil) -> BundleFacts {
        BundleFacts(
            rootfs: "/data/c/rootfs", directory: "/run/c", cgroupPath: "/reconcile/default/web-0123abcd",
            cgroupVersion: version, countsSwap: true, passwd: "app:x:101:102::/home/app:\n", group: "",
            seccomp: .compiled("QUJD"), initPath: initPath)
    }

    private func mount(_ config: JSONValue, _ target: String) -> JSONValue? {
        config["mounts"]?.array?.last { $0["destination"]?.string == target }
    }

    @Test func wholeDocument() throws {
        let config = try OCIBundle.config(launch(), facts())
        #expect(config.text(pretty: true) == Self.golden)
    }

    /// A protected agent does not protect its containers; who is not protected says nothing, since he may not.
    @Test(arguments: [(-500, 0), (0, nil), (300, nil)] as [(Int, Int64?)])
    func theAgentsOutOfMemoryScoreIsNotInherited(own: Int, expected: Int64?) throws {
        var facts = facts()
        facts.oomScore = own
        #expect(try OCIBundle.config(launch(), facts)["process"]?["oomScoreAdj"]?.int == expected)
    }

    @Test func argsOfTheImageOnlyWithItsEntrypoint() throws {
        #expect(try OCIBundle.arguments(launch()) == ["/entry", "serve"])
        #expect(try OCIBundle.arguments(launch { $0.args = ["x"] }) == ["/entry", "x"])
        #expect(try OCIBundle.arguments(launch { $0.command = ["sh"] }) == ["sh"])
        var empty = launch()
        empty.image.config = ImageConfig()
        #expect(throws: Diagnostic.self) { try OCIBundle.arguments(empty) }
    }

    @Test func environmentInOrder() {
        let made = launch { $0.environment = ["A": "own", "Z": "z"] }
        #expect(
            OCIBundle.environment(made, home: "/h") == [
                "PATH=/bin", "HOSTNAME=web", "TERM=xterm", "HOME=/h", "A=own", "Z=z",
            ])
    }

    @Test(arguments: [("nobody9", nil), ("app:nogroup", nil), (nil, "nobody9")] as [(String?, String?)])
    func anUnknownUserIsNamedWhereItIsAskedFor(_ user: String?, _ ofImage: String?) {
        let inSpec = SourcePosition(file: "web.yaml", line: 7, column: 9)
        let inImage = SourcePosition(file: "web.yaml", line: 5, column: 10)
        var made = launch {
            $0.user = user
            $0.metadata.fieldPositions = ["user": inSpec, "image": inImage]
        }
        if let ofImage { made.image.config.user = ofImage }
        do throws(Diagnostic) {
            _ = try OCIBundle.config(made, facts())
            Issue.record("it was accepted")
        } catch {
            #expect(error.code.hasPrefix("unknown-") && error.resource == .container("web"))
            #expect(error.position == (user == nil ? inImage : inSpec))
        }
    }

    @Test func otherUsersHaveOnlyABoundingSet() throws {
        let config = try OCIBundle.config(launch { $0.user = "app" }, facts())
        #expect(config["process"]?["user"]?["uid"]?.int == 101)
        #expect(config["process"]?["capabilities"]?.members?.map { $0.name } == ["bounding"])
        #expect(config["process"]?["env"]?.array?.contains("HOME=/home/app") == true)
    }

    @Test func limits() throws {
        let config = try OCIBundle.config(
            launch {
                $0.resources = Resources(memory: 1 << 20, milliCPUs: 500, pids: 10)
                $0.ulimits = ["nofile": Ulimit(soft: 5, hard: .max)]
            }, facts(.v1))
        let resources = config["linux"]?["resources"]
        #expect(resources?["memory"]?["limit"]?.int == 1 << 20)
        #expect(resources?["memory"]?["swap"]?.int == 2 << 20)
        #expect(resources?["cpu"]?["quota"]?.int == 50_000)
        #expect(resources?["pids"]?["limit"]?.int == 10)
        #expect(config["process"]?["rlimits"]?.array?.first?["type"]?.string == "RLIMIT_NOFILE")
        #expect(config["linux"]?["namespaces"]?.array?.contains(["type": "cgroup"]) == false)
    }

    @Test func hostNetworkKeepsItsSysctls() throws {
        var made = launch()
        made.sandbox = nil
        let config = try OCIBundle.config(made, facts())
        #expect(config["linux"]?["sysctl"]?.members?.isEmpty == true)
        #expect(config["linux"]?["namespaces"]?.array?.contains { $0["type"]?.string == "network" } == false)
    }

    @Test func ownMountsReplaceDefaults() throws {
        let config = try OCIBundle.config(
            launch {
                $0.mounts = [
                    Mount(kind: .bind, source: "/h", target: "/etc/hosts", readOnly: true),
                    Mount(kind: .tmpfs, target: "/dev/shm", size: 4096),
                ]
            }, facts())
        #expect(mount(config, "/etc/hosts")?["source"]?.string == "/h")
        #expect(mount(config, "/dev/shm")?["options"]?.array?.last?.string == "size=4096")
        #expect(config["mounts"]?.array?.count { $0["destination"]?.string == "/dev/shm" } == 1)
    }

    @Test func initIsPutInFront() throws {
        let config = try OCIBundle.config(launch { $0.`init` = true }, facts(initPath: "/usr/bin/catatonit"))
        #expect(config["process"]?["args"] == .strings(["/sbin/docker-init", "--", "/entry", "serve"]))
        #expect(mount(config, "/sbin/docker-init")?["source"]?.string == "/usr/bin/catatonit")
        #expect(throws: Diagnostic.self) { try OCIBundle.config(launch { $0.`init` = true }, facts()) }
    }

    @Test func execTakesWhatIsNotGiven() throws {
        let base = try #require(try OCIBundle.config(launch(), facts())["process"])
        var process = ExecProcess(command: ["id"], terminal: true)
        let plain = try process.document(base: base, passwd: "", group: "")
        #expect(plain["cwd"]?.string == "/srv")
        #expect(plain["args"] == ["id"])
        #expect(plain["capabilities"]?["effective"] != nil)
        process.user = "5"
        process.environment = ["A": "new"]
        let other = try process.document(base: base, passwd: "", group: "")
        #expect(other["capabilities"]?["effective"] == nil)
        #expect(other["env"]?.array?.filter { $0.string?.hasPrefix("A=") == true } == ["A=new"])
    }
}
