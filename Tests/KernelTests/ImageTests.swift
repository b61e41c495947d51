import Glibc
import Testing

/// Images from directories, archives and a registry, and what a failed pull leaves.
@Suite(.serialized, .kernel) struct ImageTests {
    /// Makes an image whose page says `page`; answers with its directory.
    private func image(_ host: TestHost, page: String) throws -> String {
        let directory = "\(host.directory)/image-\(page)"
        let tree = "\(host.directory)/tree-\(page)"
        try host.sh("cp -a \(host.rootfs) \(tree) && echo \(page) > \(tree)/www/index.html")
        try host.sh(
            """
            set -e
            umoci init --layout \(directory)
            umoci new --image \(directory):latest
            umoci insert --image \(directory):latest \(tree) /
            umoci config --image \(directory):latest --config.cmd httpd --config.cmd -f --config.cmd -p \
                --config.cmd 80 --config.cmd -h --config.cmd /www --config.env PATH=/bin --config.env FROM=image
            rm -rf \(tree)
            """)
        return directory
    }

    private func site(_ host: TestHost, _ image: String, name: String = "web") -> String {
        """
        ---
        apiVersion: reconcile/v1
        kind: Container
        metadata: { name: \(name) }
        spec: { image: '\(image)', networks: [front], ports: ['8080:80'], stopSignal: SIGKILL }

        """ + Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]")
    }

    private func page(_ host: TestHost) throws -> String {
        try host.awaitHTTP("127.0.0.1:8080")
        return try host.http("127.0.0.1:8080", "/", patience: 10).text
    }

    @Test func imagesOfDirectoriesAndArchives() throws {
        try withHost { host in
            let first = try image(host, page: "first")
            let second = try image(host, page: "second")
            let archive = "\(host.directory)/second.tar"
            try host.sh("skopeo --insecure-policy copy -q oci:\(second):latest docker-archive:\(archive):second:1")

            try host.write(site(host, "oci:\(first)"))
            let plan = try host.plan()
            #expect(plan.changes.contains { $0.operation == "create image oci:\(first)" }, "\(plan)")
            let result = try host.reconcile("apply", "--dry-run", host.manifests)
            #expect(result.output.contains("(known after pull)"), "\(result)")
            try host.apply()
            try host.expectConverged()
            #expect(try page(host) == "first")
            #expect(try host.reconcile("exec", "web", "--", "sh", "-c", "echo $FROM").text == "image")

            // Another image: another process in the same sandbox.
            let pid = try host.pid("web")
            let sandbox = try host.sh("stat -c %i /run/netns/reconcile-web; ip -o link", in: .host)
            try host.write(site(host, "docker-archive:\(archive)"))
            try host.apply()
            try host.expectConverged()
            #expect(try page(host) == "second")
            #expect(try host.pid("web") != pid)
            #expect(!isAlive(pid))
            #expect(try host.sh("stat -c %i /run/netns/reconcile-web; ip -o link") == sandbox)
        }
    }

    @Test func imagesOfARegistry() throws {
        try withHost { host in
            let (registry, server) = try host.registry()
            let first = try image(host, page: "first")
            try host.sh(
                "skopeo --insecure-policy copy -q --dest-tls-verify=false oci:\(first):latest docker://\(registry)/app:1"
            )
            try host.write(site(host, "\(registry)/app:1"))
            try host.apply()
            try host.expectConverged()
            #expect(try page(host) == "first")
            let pid = try host.pid("web")

            // A pull that fails leaves what ran running.
            try host.write(site(host, "\(registry)/app:2"))
            let failed = try host.reconcile("apply", host.manifests)
            #expect(failed.code == 1)
            #expect(failed.errors.contains("there is no image \(registry)/app:2"), "\(failed)")
            #expect(try host.pid("web") == pid)
            #expect(try page(host) == "first")
            #expect(try host.reconcile("apply", host.manifests).code == 1)
            #expect(try host.pid("web") == pid)

            // And what cannot be reached says so at once.
            try host.write(site(host, "127.0.0.1:5999/app:1"))
            let away = try host.reconcile("apply", host.manifests)
            #expect(away.code == 1)
            #expect(away.errors.contains("does not answer"), "\(away)")
            #expect(try host.pid("web") == pid)

            // An image that is here needs no registry.
            server.stop()
            try host.write(site(host, "\(registry)/app:1"))
            try host.expectConverged()
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            try host.apply()
            #expect(try page(host) == "first")
        }
    }

    @Test func aDirectoryThatIsGoneEndsNothing() throws {
        try withHost { host in
            let first = try image(host, page: "first")
            try host.write(site(host, "oci:\(first)"))
            try host.apply()
            let pid = try host.pid("web")
            try host.sh("mv \(first) \(first).away")
            let warned = try host.plan()
            #expect(warned.changes.isEmpty, "\(warned)")
            #expect(warned.diagnostics.count == 1 && warned.diagnostics[0].hasPrefix("warning image-unreadable"))
            #expect(try host.pid("web") == pid)
            #expect(try page(host) == "first")
            // What is not there any more cannot be started from.
            try host.sh("kill -9 \(pid)")
            #expect(eventually { !isAlive(pid) })
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1)
            #expect(result.errors.contains("\(first)"), "\(result)")
            #expect(try host.plan().changes.isEmpty, "the plan already says that it cannot be started")
            try host.sh("mv \(first).away \(first)")
            try host.apply()
            try host.expectConverged()
            #expect(try page(host) == "first")
        }
    }

    /// Helpers that outlive a killed pass, and what they were writing, are gone after the next one.
    @Test func pullsKilledAtRandomTimes() throws {
        try withHost { host in
            let first = try image(host, page: "first")
            try host.write(site(host, "oci:\(first)"))
            for _ in 1...10 {
                let pass = try host.startReconcile(["apply", host.manifests])
                usleep(UInt32.random(in: 20_000...300_000))
                if pass.isRunning { kill(pass.pid, SIGKILL) }
                _ = try pass.wait(.seconds(20))
                #expect(try host.reconcile("apply", "--dry-run", host.manifests).code != 1)
                if Bool.random() { _ = try host.reconcile("destroy", "--yes") }
                Files.remove(host.data + "/images")
                if !host.isMounted(below: host.data) { Files.remove(host.data + "/rootfs") }
            }
            try host.apply()
            try host.expectConverged()
            #expect(try page(host) == "first")
            for directory in ["images", "rootfs"] {
                let names = Files.names("\(host.data)/\(directory)")
                #expect(names.allSatisfy { !$0.hasPrefix(".tmp") }, "\(names)")
            }
            // The servers of names are nobody's leftovers.
            let own: Set<Int32> = [try host.pid("web"), try host.parent(of: host.pid("web"))]
            var others: Set<Int32> = []
            let areAlone = try eventually {
                others = host.processes.subtracting(try host.nameServers().values)
                return others == own
            }
            #expect(areAlone, "\(others) instead of \(own)")
        }
    }
}
