import Testing

/// What is not ours is named, and never touched.
@Suite(.serialized, .kernel) struct OwnershipTests {
    private let pause = ["sleep", "600"]

    @Test func aForeignLinkWithOurNameIsAnError() throws {
        try withHost { host in
            try host.sh(
                "ip link add br-front type bridge; ip link set br-front mtu 1400 up; ip address add 10.1.1.1/24 dev br-front"
            )
            let hasOwn = try eventually { try host.sh("ip -6 -o address show dev br-front").contains("fe80:") }
            #expect(hasOwn)
            try host.awaitAddresses()
            let before = try host.sh(
                "ip -d -o link show br-front | sed -E 's/[a-z_]+_timer +[0-9.]+|state [A-Z]+|,LOWER_UP|NO-CARRIER,//g'; ip -o address"
            )
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]"), Manifest.network("back"),
                host.container("far", command: pause, "networks: [back]"))
            let plan = try host.plan()
            #expect(plan.diagnostics.contains { $0.contains("name-taken") && $0.contains("link br-front") }, "\(plan)")
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1)
            #expect(result.errors.contains("br-front exists and is not ours"), "\(result)")
            // What does not depend on it is done all the same.
            _ = try host.pid("far")
            _ = try host.reconcile("destroy", "--yes")
            let after = try host.sh(
                "ip -d -o link show br-front | sed -E 's/[a-z_]+_timer +[0-9.]+|state [A-Z]+|,LOWER_UP|NO-CARRIER,//g'; ip -o address"
            )
            #expect(before == after)
        }
    }

    @Test func aForeignSandboxWithOurNameIsAnError() throws {
        try withHost { host in
            try host.sh("ip netns add reconcile-web; ip netns exec reconcile-web ip link set lo up")
            let before = try host.sh("stat -c '%i %Z' /run/netns/reconcile-web")
            try host.write(Manifest.network("front"), host.container("web", "networks: [front]"))
            #expect(try host.plan().diagnostics.contains { $0.contains("sandbox web") })
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1)
            #expect(result.errors.contains("sandbox web exists and is not ours"), "\(result)")
            _ = try host.reconcile("destroy", "--yes")
            #expect(try host.sh("stat -c '%i %Z' /run/netns/reconcile-web") == before)
            #expect(host.processes.isEmpty)
        }
    }

    /// Half a mark tells that a link is ours; without either half nobody can.
    @Test(arguments: ["ip link set br-front alias '' group default", "ip link set br-front alias 'mine' group default"])
    func aLinkWhoseWholeMarkIsGoneIsNotOurs(_ wipe: String) throws {
        try withHost { host in
            try host.write(HelloTests.hello(host).joined())
            try host.apply()
            let pid = try host.pid("web")
            try host.sh(wipe)
            let before = try host.kernelSnapshot()
            #expect(try host.plan().diagnostics.contains { $0.contains("name-taken") && $0.contains("br-front") })
            #expect(try host.reconcile("apply", host.manifests).code == 1)
            #expect(before.difference(to: try host.kernelSnapshot()) == "")
            try host.sh("ip link set br-front alias 'reconcile:1 default network/front'")
            try host.apply()
            try host.expectConverged()
            #expect(try host.pid("web") == pid)
        }
    }

    @Test func foreignTablesAreNotTouched() throws {
        try withHost { host in
            try host.sh(
                "nft 'add table inet other; add set inet other bridges { type ifname; }; add table ip reconcile'")
            let before = try host.sh("nft list table inet other; nft list table ip reconcile")
            try host.write(HelloTests.hello(host).joined())
            try host.apply()
            _ = try host.reconcile("destroy", "--yes")
            #expect(try host.sh("nft list table inet other; nft list table ip reconcile") == before)
            #expect(try host.sh("nft list tables") == "table inet other\ntable ip reconcile")
        }
    }

    @Test func aPortThatAProcessHoldsIsAnErrorThatNamesIt() throws {
        try withHost { host in
            let server = try host.start("busybox httpd -f -p 8080 -h \(host.rootfs)/www")
            try host.awaitHTTP("127.0.0.1:8080")
            try host.write(HelloTests.hello(host).joined())
            let plan = try host.plan()
            let complaint = plan.diagnostics.first { $0.contains("8080") }
            #expect(complaint?.contains("\(server.pid)") == true, "\(plan)")
            #expect(try host.reconcile("apply", host.manifests).code == 1)
            #expect(try host.http("127.0.0.1:8080", "/", patience: 10).text == "hello")
        }
    }

    /// Another set's port is found in the plan, with whose it is, and is free for others when it is given up.
    @Test func aPortThatAnotherSetPublishesIsAnErrorThatNamesIt() throws {
        try withHost { host in
            func directory(_ set: String) -> String { "\(host.directory)/\(set)" }
            func write(_ set: String, _ number: Int, _ ports: String) throws {
                try Files.write(
                    Manifest.network("net-\(set)", "subnets: [{ subnet: 10.\(number).0.0/24 }]")
                        + host.container("web-\(set)", "networks: [net-\(set)]", "ports: [\(ports)]"),
                    to: directory(set) + "/site.yaml")
            }
            func apply(_ set: String, _ options: String...) throws -> CommandResult {
                try host.reconcile(["apply", "--set", set] + options + [directory(set)])
            }
            try write("blue", 20, "'8000:80'")
            try #expect(apply("blue").code == 0)
            for port in ["'8000:80'", "'127.0.0.1:8000:80'"] {
                try write("green", 21, port)
                let plan = try apply("green", "--dry-run")
                #expect(plan.code == 1, "\(plan)")
                #expect(
                    plan.errors.contains("host port 8000/tcp is published by container/web-blue of set blue"), "\(plan)"
                )
                #expect(try apply("green").code == 1)
            }
            try host.awaitHTTP("127.0.0.1:8000")
            #expect(try host.client(of: "127.0.0.1:8000") == "10.20.0.1")
            // Beside it there is room.
            try write("green", 21, "'8001:80', '8000:80/udp'")
            let beside = try apply("green")
            #expect(beside.code == 0, "\(beside)")
            try host.awaitHTTP("127.0.0.1:8001")
            // An agent that waits for it takes it as soon as it is free.
            try write("green", 21, "'8000:80'")
            let agent = try host.startAgent(set: "green", over: directory("green"), expectReady: false)
            #expect(eventually { agent.command.errors.contains("container/web-blue of set blue") })
            #expect(try host.reconcile("destroy", "--yes", "--set", "blue").code == 0)
            #expect(try eventually { try host.http("127.0.0.1:8000").code == 0 }, "\(agent.command.errors)")
            #expect(try host.client(of: "127.0.0.1:8000") == "10.21.0.1")
        }
    }

    @Test func aSubnetThatAnotherSetHasIsAnErrorThatNamesIt() throws {
        try withHost { host in
            func directory(_ set: String) -> String { "\(host.directory)/\(set)" }
            func write(_ set: String, _ subnets: String) throws {
                try Files.write(
                    Manifest.network("net-\(set)", "subnets: [\(subnets)]"), to: directory(set) + "/site.yaml")
            }
            func apply(_ set: String, _ options: String...) throws -> CommandResult {
                try host.reconcile(["apply", "--set", set] + options + [directory(set)])
            }
            func hasBridge() throws -> Bool { try host.attempt("ip link show br-net-green").isSuccess }
            try write("blue", "{ subnet: 10.20.0.0/24 }, { subnet: 'fd00:20::/64' }")
            try #expect(apply("blue").code == 0)
            for (subnet, words) in [
                ("10.20.0.0/24", "is that of"), ("10.20.0.0/16", "overlaps 10.20.0.0/24 of"),
                ("10.20.0.128/25", "overlaps 10.20.0.0/24 of"), ("'fd00:20::/64'", "is that of"),
            ] {
                try write("green", "{ subnet: \(subnet) }")
                let plan = try apply("green", "--dry-run")
                let bare = subnet.filter { $0 != "'" }
                #expect(
                    plan.code == 1
                        && plan.errors.contains("the subnet \(bare) \(words) network/net-blue of set blue"), "\(plan)")
                #expect(try apply("green").code == 1 && !hasBridge())
            }
            // Blue has nothing to do with it, and beside it there is room.
            #expect(try apply("blue", "--dry-run").code == 0)
            try write("green", "{ subnet: 10.20.1.0/24 }")
            let beside = try apply("green")
            #expect(beside.code == 0 && beside.errors == "", "\(beside)")
            #expect(try host.reconcile("destroy", "--yes", "--set", "green").code == 0)
            // An agent that waits for it takes it as soon as it is free.
            try write("green", "{ subnet: 10.20.0.0/24 }")
            let agent = try host.startAgent(set: "green", over: directory("green"), expectReady: false)
            #expect(eventually { agent.command.errors.contains("network/net-blue of set blue") })
            #expect(try host.reconcile("destroy", "--yes", "--set", "blue").code == 0)
            #expect(try eventually { try hasBridge() }, "\(agent.command.errors)")
        }
    }

    @Test func twoSetsShareAHost() throws {
        try withHost { host in
            func apply(_ set: String, _ documents: String) throws -> CommandResult {
                let directory = "\(host.directory)/\(set)"
                try Files.write(documents, to: directory + "/site.yaml")
                return try host.reconcile("apply", "--set", set, directory)
            }
            func site(_ name: String, _ number: Int) -> String {
                Manifest.network("net-\(name)", "subnets: [{ subnet: 10.\(number).0.0/24 }]")
                    + host.container("web-\(name)", "networks: [net-\(name)]", "ports: ['\(8000 + number):80']")
            }
            let sets = [("blue", 20), ("green", 21)]
            for (set, number) in sets {
                let result = try apply(set, site(set, number))
                #expect(result.code == 0, "\(result)")
            }
            for (set, number) in sets {
                let result = try apply(set, site(set, number))
                #expect(result.output.hasPrefix("No changes."), "\(result)")
                try host.awaitHTTP("127.0.0.1:\(8000 + number)")
                #expect(try host.client(of: "127.0.0.1:\(8000 + number)") == "10.\(number).0.1")
            }
            // One set's name in the other set is not its to take.
            let taken = try apply(
                "green", site("green", 21) + Manifest.network("net-blue", "subnets: [{ subnet: 10.22.0.0/24 }]"))
            #expect(taken.code == 1)
            #expect(taken.errors.contains("set blue"), "\(taken)")
            #expect(try host.reconcile("destroy", "--yes", "--set", "blue").code == 0)
            #expect(try host.http("127.0.0.1:8021", patience: 10).code == 0)
            #expect(try host.http("127.0.0.1:8020", patience: 10).isRefused)
            #expect(try host.reconcile("destroy", "--yes", "--set", "green").code == 0)
            #expect(host.processes.isEmpty)
            #expect(try host.sh("nft list tables; ip -o link | grep -v ' lo:'; true") == "")
            #expect(try host.sh("cat /proc/sys/net/ipv6/conf/all/forwarding") == "0")
        }
    }
}
