import Agent
import Fleet
import Manifests
import Model
import Planning

/// What manifests would do on nodes of the fleet, each asked for itself.
struct FleetPreview {
    let options: GlobalOptions
    let nodes: NodeOptions
    let allowsMassDelete: Bool

    /// Shows the plans; answers with the exit status. `local` is a dry run here: for this node, where its agent does not
    /// run.
    func show(
        _ paths: [String], local: () async throws(Diagnostic) -> Plan
    ) async throws(Diagnostic) -> Int32 {
        let console = options.console
        let membership = try membership()
        let snapshot = ManifestLoader.load(paths: paths)
        let input = ManifestPaths.input(snapshot, paths)
        console.report(input.diagnostics)
        guard !input.hasErrors else { return 1 }
        let view = try await FleetControl.view(of: membership)
        let choice = try NodeChoice(
            nodes.names, live: Set(view.nodes.keys), known: view.members.union([membership.node]))
        let style: TextStyle? = console.isJSON ? nil : console.style
        let question = PlanQuestion(
            snapshot, paths: paths, revision: input.revision, style: style, allowsMassDelete: allowsMassDelete)
        var plans = try await ask(choice.present, question, membership)
        for node in choice.away {
            guard node == membership.node else {
                plans[node] = NodePlan(NodeChoice.away(node))
                continue
            }
            do throws(Diagnostic) { plans[node] = NodePlan(try await local(), style: style) } catch {
                plans[node] = NodePlan(error)
            }
        }
        write(plans, console)
        return NodePlan.status(plans.values)
    }

    private func membership() throws(Diagnostic) -> FleetMembership {
        do throws(Diagnostic) { return try FleetDirectory(dataDirectory: options.dataDir).read() } catch {
            guard error.code == "fleet-none" else { throw error }
            var error = error
            error.hint =
                "without a fleet there is this host alone: reconcile apply --dry-run --node-label KEY=VALUE shows "
                + "what would be here with other labels"
            throw error
        }
    }

    private func ask(
        _ names: [String], _ question: PlanQuestion, _ membership: FleetMembership
    ) async throws(Diagnostic) -> [String: NodePlan] {
        guard !names.isEmpty else { return [:] }
        let asker = FleetAsker(membership)
        let timeout = nodes.timeout.duration
        let outcome: Result<[String: Result<JSONValue, Diagnostic>], Diagnostic>
        do throws(Diagnostic) {
            outcome = .success(
                try await asker.collect(
                    PlanQuestion.kind, set: options.set, of: names, question.json, within: timeout))
        } catch { outcome = .failure(error) }
        await asker.close()
        let answers = try outcome.get()
        var plans: [String: NodePlan] = [:]
        for name in names {
            switch answers[name] {
            case .success(let answer): plans[name] = NodePlan(answer: answer)
            case .failure(let problem): plans[name] = NodePlan(NodeChoice.of(name, problem))
            case nil: plans[name] = NodePlan(NodeChoice.silent(name, timeout, set: options.set))
            }
        }
        return plans
    }

    private func write(_ plans: [String: NodePlan], _ console: Console) {
        let plans = plans.sorted { NaturalOrder.isBefore($0.key, $1.key) }
        guard !console.isJSON else {
            return console.write(.object(plans.map { JSONValue.Member($0.key, $0.value.json) }))
        }
        for (index, (node, plan)) in plans.enumerated() {
            console.write((index == 0 ? "" : "\n") + console.style.bold("Node \(node)") + "\n")
            console.write(plan.text)
            // Beside each plan what is wrong with it, though that goes to standard error.
            console.report(plan.diagnostics)
        }
    }
}
