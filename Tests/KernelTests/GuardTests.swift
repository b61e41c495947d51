import Testing

/// Missing input never deletes, and two passes never meet.
@Suite(.serialized, .kernel) struct GuardTests {
    private let pause = ["sleep", "600"]

    private func five(_ host: TestHost) -> String {
        (1...5).map { host.container("c\($0)", command: pause, "networks: [none]") }.joined()
    }

    @Test func aPassThatWouldDeleteMostStops() throws {
        try withHost { host in
            try host.write(five(host))
            try host.apply()
            let running = host.processes
            try host.write(host.container("c1", command: pause, "networks: [none]"))
            #expect(try host.plan().diagnostics.contains { $0.contains("mass-delete") })
            let stopped = try host.reconcile("apply", host.manifests)
            #expect(stopped.code == 1)
            #expect(stopped.errors.contains("--allow-mass-delete"), "\(stopped)")
            #expect(host.processes == running)
            #expect(try host.reconcile("apply", "--allow-mass-delete", host.manifests).code == 0)
            let left = try host.pid("c1")
            #expect(host.processes.isSubset(of: running) && host.processes.contains(left))
            #expect(try host.sh("ls /run/netns") == "reconcile-c1")
        }
    }

    @Test func anEmptyOrMissingDirectoryDeletesNothing() throws {
        try withHost { host in
            try host.write(five(host))
            try host.apply()
            let running = host.processes
            Files.remove(host.manifests + "/site.yaml")
            let empty = try host.reconcile("apply", host.manifests)
            #expect(empty.errors.contains("nothing is removed"), "\(empty)")
            Files.remove(host.manifests)
            let missing = try host.reconcile("apply", host.manifests)
            #expect(missing.code != 0, "\(missing)")
            #expect(host.processes == running)
        }
    }

    /// A bad file is an error of the whole: what its last good version made stays.
    @Test func aBadFileUndoesNothing() throws {
        try withHost { host in
            try host.write(five(host))
            try host.apply()
            let running = host.processes
            try host.write(five(host) + "---\nkind: [")
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1)
            #expect(result.errors.contains("site.yaml:"), "\(result)")
            #expect(host.processes == running)
        }
    }

    @Test func aFileNeverPrunes() throws {
        try withHost { host in
            try host.write(five(host))
            try host.apply()
            let running = host.processes
            let file = host.directory + "/one.yaml"
            try Files.write(host.container("extra", command: pause, "networks: [none]"), to: file)
            let result = try host.reconcile("apply", file)
            #expect(result.code == 0, "\(result)")
            #expect(running.isSubset(of: host.processes))
            _ = try host.pid("extra")
        }
    }

    @Test func oneSetIsWorkedOnByOnePassAtATime() throws {
        try withHost { host in
            try host.write(five(host))
            // Whoever holds the name holds the lock: here an ordinary program.
            let holder = try host.start("socat ABSTRACT-LISTEN:reconcile/default,fork /dev/null")
            #expect(try eventually { try host.sh("cat /proc/net/unix").contains("@reconcile/default") })
            for command in [["apply", host.manifests], ["destroy", "--yes"]] {
                let refused = try host.reconcile(command)
                #expect(refused.code == 1)
                #expect(refused.errors.contains("process \(holder.pid) (socat)"), "\(refused)")
            }
            #expect(host.processes.isEmpty)
            #expect(try host.plan().changes.isEmpty == false, "looking needs no lock")
            holder.stop()
            try host.apply()
        }
    }

    @Test func twoPassesAtOnceMeetTheLock() throws {
        try withHost { host in
            try host.write(five(host))
            let passes = try (1...4).map { _ in try host.startReconcile(["apply", host.manifests]) }
            let results = try passes.map { try $0.wait(.seconds(60)) }
            #expect(results.contains { $0.code == 0 })
            for result in results where result.code != 0 {
                #expect(result.errors.contains("another pass over set default is under way"), "\(result)")
            }
            try host.expectConverged()
        }
    }
}
