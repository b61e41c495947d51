import Agent
import ArgumentParser
import Glibc
import LinuxHost
import Model
import Planning

/// `reconcile apply`: one pass.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Make the host match the manifests, once.",
        discussion: """
            PATH names files or directories; default ./manifests, else /etc/reconcile/manifests. A directory is the \
            whole truth of its set: what is ours and no longer in it is removed. A file only adds and changes.

            EXAMPLES
              reconcile apply --dry-run            exit 0: no change, 2: changes, 1: error
              reconcile apply --dry-run --all-nodes site/
              reconcile apply -o json site/        one JSON object a line
              reconcile apply --set staging staging/

            EXIT STATUS
              0 the host was seen to match; 1 something failed; 64 wrong usage
              130, 143 interrupted by SIGINT, SIGTERM: what was under way was finished, the next run goes on from there
              with --dry-run: 0 nothing to change; 1 an error; 2 something to change. With nodes: 1 where any has an error
              or does not answer, else 2 where any would change
            """)

    @Argument(help: ArgumentHelp("Files or directories of manifests.", valueName: "path"), completion: .file())
    var paths: [String] = []

    @Flag(name: .customLong("dry-run"), help: "Print the plan and touch nothing.")
    var isDryRun = false

    @Flag(help: "Go on even where this deletes most of what is ours.")
    var allowMassDelete = false

    @OptionGroup(title: "In a fleet") var nodes: NodeOptions

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if nodes.areAsked, !isDryRun {
            throw ValidationError("--node and --all-nodes need --dry-run: each node is changed by its own agent alone")
        }
    }

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let paths = try ManifestPaths.resolve(paths)
            guard isDryRun else { return try await apply(paths, console) }
            guard nodes.areAsked else {
                return try await plan(paths, console).map { show($0, console) } ?? 1
            }
            let preview = FleetPreview(options: options, nodes: nodes, allowsMassDelete: allowMassDelete)
            return try await preview.show(paths) { () throws(Diagnostic) in
                guard let own = try await plan(paths, console) else {
                    throw Diagnostic(code: "manifests-changed", "the manifests have errors now")
                }
                return own
            }
        }
    }

    /// What would be done here; `nil` where the manifests have errors, which are reported.
    private func plan(_ paths: [String], _ console: Console) async throws(Diagnostic) -> Plan? {
        let engine: Engine
        do throws(Diagnostic) { engine = try await Engine.opened(options.settings) } catch {
            guard error.code == "not-permitted" else { throw error }
            console.report(
                Diagnostic(
                    .warning, code: "offline-preview",
                    "without privileges nothing can be looked at: this is the plan for an empty host",
                    cause: error.message))
            let input = ManifestPaths.input(paths)
            console.report(input.diagnostics)
            return input.hasErrors ? nil : try Engine.offlinePlan(input, options.settings)
        }
        return try await read(paths, engine, console)?.1.preview(allowsMassDelete: allowMassDelete)
    }

    private func show(_ plan: Plan, _ console: Console) -> Int32 {
        if console.isJSON {
            console.write(plan.json)
        } else {
            console.write(PlanText(plan, style: console.style).render())
            console.report(plan.diagnostics)
        }
        return plan.hasErrors ? 1 : plan.isEmpty ? 0 : 2
    }

    private func guarding(_ look: Look) -> Diagnostic? {
        guard !allowMassDelete, look.plan.summary.delete > 0 else { return nil }
        return DeletionGuard.check(look.plan, owned: look.owned, desired: look.desired.resources)
    }

    /// Reads the manifests while the kernel is read; `nil` where they have errors, which are reported.
    private func read(
        _ paths: [String], _ engine: Engine, _ console: Console
    ) async throws(Diagnostic) -> (PassInput, Look)? {
        async let reading = ManifestPaths.input(paths)
        let sighting = try await engine.observe()
        let input = await reading
        console.report(input.diagnostics)
        return input.hasErrors ? nil : (input, await engine.look(input, at: sighting))
    }

    private func apply(_ paths: [String], _ console: Console) async throws(Diagnostic) -> Int32 {
        let settings = options.settings
        let lock = try PassLock(settings)
        defer { withExtendedLifetime(lock) {} }
        let engine = try await Engine.opened(settings)
        let clock = ContinuousClock()
        let start = clock.now
        guard let (input, look) = try await read(paths, engine, console) else { return 1 }
        if console.isJSON {
            console.writeLine(["type": "plan", "plan": look.plan.json])
        } else {
            console.write(PlanText(look.plan, style: console.style).render())
            console.report(look.plan.diagnostics)
        }
        if let objection = guarding(look) { throw objection }
        let events = EventLog(dataDirectory: settings.dataDirectory)
        let reporter = ApplyReporter(console: console, events: events, revision: input.revision)
        if !look.plan.isEmpty, !console.isJSON { console.write("\n") }
        Interrupts.watch()
        let outcome = try await engine.converge(input, from: look, reporter: reporter)
        if let problem = events.problem { console.report(problem) }
        let took = start.duration(to: clock.now)
        ApplySummary(outcome: outcome, input: input, settings: settings).finish(console, took: took)
        return Interrupts.status ?? (outcome.isConverged ? 0 : 1)
    }
}
