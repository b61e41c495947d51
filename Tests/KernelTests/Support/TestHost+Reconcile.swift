import Glibc
import Model
import Testing

extension TestHost {
    /// Runs the binary under test with this host's set and data directory.
    func reconcile(
        _ arguments: String..., environment: [String: String] = [:], timeout: Duration = .seconds(60)
    ) throws -> CommandResult {
        try reconcile(arguments, environment: environment, timeout: timeout)
    }

    /// The same.
    func reconcile(
        _ arguments: [String], environment: [String: String] = [:], timeout: Duration = .seconds(60)
    ) throws -> CommandResult {
        try startReconcile(arguments, environment: environment).wait(timeout)
    }

    /// Starts it in the background. `binary` is another one than the binary under test.
    func startReconcile(
        _ arguments: [String], environment: [String: String] = [:], binary: String? = nil
    ) throws -> RunningCommand {
        var command = [binary ?? self.binary] + arguments
        let own = ["--data-dir", data, "--no-color"]
        command.insert(contentsOf: arguments.contains("--data-dir") ? [] : own, at: 2)
        return try RunningCommand(self.arguments(command, in: .host), environment: environment)
    }

    /// What a boot does: processes, links, firewall and /run are gone, the data directory stays.
    func reboot() throws {
        for pid in processes { kill(pid, SIGKILL) }
        guard eventually({ processes.isEmpty }) else { throw Failure("processes that do not die: \(processes)") }
        for group in cgroups.sorted(by: >) { rmdir(group) }
        try sh(
            """
            for f in /run/netns/*; do umount $f; done
            grep -o " $1/[^ ]*" /proc/self/mounts | sort -r | xargs -r umount
            ip -o link show type bridge | awk -F': ' '{print $2}' | xargs -r -n1 ip link del
            nft flush ruleset
            umount -l /run && mount -t tmpfs tmpfs /run && mkdir /run/netns
            """.replacing("$1", with: data))
    }

    /// Destroys, and expects that nothing of ours is left: no link, table, sandbox, mount, control group, process, and
    /// every sysctl as it was.
    func destroyLeavingNothing(since clean: Snapshot, _ when: String, source: SourceLocation = #_sourceLocation) throws
    {
        let result = try reconcile("destroy", "--yes")
        #expect(result.code == 0, "\(when): \(result)", sourceLocation: source)
        // The kernel takes a namespace down at leisure, and a killed process is not gone at once.
        _ = try eventually { try clean.difference(to: kernelSnapshot()) == "" }
        let difference = try clean.difference(to: kernelSnapshot())
        #expect(difference == "", "\(when)", sourceLocation: source)
    }

    /// Applies the manifests; fails where that does not converge.
    @discardableResult
    func apply(_ options: String..., source: SourceLocation = #_sourceLocation) throws -> CommandResult {
        let result = try reconcile(["apply"] + options + [manifests])
        try #require(result.code == 0, "\(result)", sourceLocation: source)
        return result
    }

    /// The plan, as the dry run has it; its exit code must fit what it says.
    func plan(_ options: String..., source: SourceLocation = #_sourceLocation) throws -> PlanView {
        let result = try reconcile(["apply", "--dry-run", "-o", "json"] + options + [manifests])
        guard let json = try? JSONValue(parsing: Array(result.output.utf8)) else { throw Failure("\(result)") }
        let plan = PlanView(json)
        let hasErrors = plan.diagnostics.contains { $0.hasPrefix("error") }
        #expect(result.code == (hasErrors ? 1 : plan.changes.isEmpty ? 0 : 2), "\(result)", sourceLocation: source)
        return plan
    }

    /// Waits until an agent has left nothing to do: its events come before its pass is over.
    func awaitConverged(source: SourceLocation = #_sourceLocation) throws {
        _ = try eventually(within: .seconds(30)) {
            let now = try plan(source: source)
            return now.changes.isEmpty && now.diagnostics.isEmpty
        }
        try expectConverged(source: source)
    }

    /// Expects that nothing is left to do.
    func expectConverged(source: SourceLocation = #_sourceLocation) throws {
        let plan = try plan(source: source)
        #expect(plan.changes.isEmpty && plan.diagnostics.isEmpty, "\(plan)", sourceLocation: source)
    }
}

extension TestHost {
    /// Applies, and answers with the operations that were carried out, in the words of ``PlanView``.
    func applyOperations(source: SourceLocation = #_sourceLocation) throws -> [String] {
        let result = try apply("-o", "json", source: source)
        let lines = try result.output.lines.map { try JSONValue(parsing: Array($0.utf8)) }
        return lines.filter { $0["type"]?.string == "operation" }.map { line in
            #expect(line["status"]?.string == "done", "\(line.text())", sourceLocation: source)
            let actions = (line["actions"]?.array ?? []).compactMap(\.string)
            return "\(actions.joined(separator: "+")) \(line["object"]?.string ?? "")"
        }.sorted()
    }
}
