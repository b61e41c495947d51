import Testing

/// What a container needs of the host's files is looked at before anything is done.
@Suite(.serialized, .kernel) struct MissingSourceTests {
    @Test(arguments: ["mount", "rootfs"]) func theDryRunSaysSoAndNothingIsMade(_ what: String) throws {
        try withHost { host in
            let source = "\(host.directory)/source"
            let web = host.container("web", "networks: [front]", "mounts: [{ source: \(source), target: /srv }]")
            let network = Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]")
            let other = host.container("other", "networks: [front]")
            try host.write(network, other, what == "mount" ? web : web.replacing(host.rootfs, with: source))
            let plan = try host.plan()
            #expect(plan.diagnostics.allSatisfy { $0.hasPrefix("error") } && !plan.diagnostics.isEmpty, "\(plan)")
            #expect(!plan.changes.contains { $0.resource == "container/web" }, "\(plan)")
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1)
            #expect(result.errors.contains("site.yaml:") && result.errors.contains(source), "\(result)")
            // All else is done, and nothing of it.
            try host.awaitHTTP("\(try host.address("other")):80")
            #expect(try host.attempt("test -e /run/netns/reconcile-web").code == 1)

            try host.sh("cp -a \(host.rootfs) \(source)")
            try host.apply()
            try host.expectConverged()
            // What runs goes on running without it.
            let pid = try host.pid("web")
            try host.sh("mv \(source) \(source).away")
            let warned = try host.plan()
            #expect(warned.changes.isEmpty && warned.diagnostics.allSatisfy { $0.hasPrefix("warning") }, "\(warned)")
            #expect(!warned.diagnostics.isEmpty)
            try host.apply()
            #expect(try host.pid("web") == pid)
        }
    }
}
