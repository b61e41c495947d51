import Agent
import Fleet
import Model

/// The events of all nodes in one stream.
struct FleetEventFeed {
    let membership: FleetMembership
    let set: String
    let question: EventsQuestion
    /// The nodes that are there at first.
    let nodes: [String]
    let timeout: Duration
    let console: Console

    /// Shows what happened; false where a node did not answer.
    func history() async throws(Diagnostic) -> Bool {
        guard !nodes.isEmpty else { return true }
        let asker = FleetAsker(membership)
        let outcome: Result<[String: Result<JSONValue, Diagnostic>], Diagnostic>
        do throws(Diagnostic) {
            outcome = .success(
                try await asker.collect(
                    EventsQuestion.kind, set: set, of: nodes, question.json, within: timeout))
        } catch { outcome = .failure(error) }
        await asker.close()
        let answers = try outcome.get()
        let printer = FleetEventPrinter(nodes, last: question.last, set: set, timeout: timeout, console)
        for (node, content) in answers {
            await printer.take(Answer(node: node, stream: "", number: 0, isLast: true, content: content))
        }
        return await printer.endHistory()
    }

    /// Shows what happened and what happens, until the process is ended.
    func follow() async throws(Diagnostic) -> Bool {
        let printer = FleetEventPrinter(nodes, last: question.last, set: set, timeout: timeout, console)
        let asker = FleetAsker(membership)
        let end = await withTaskGroup(of: Diagnostic.self) { group in
            group.addTask { await ask(asker, printer) }
            group.addTask {
                await asker.presence { await printer.present($0) }
                return Diagnostic(code: EtcdCode.cancelled, "cancelled")
            }
            group.addTask {
                while !Task.isCancelled {
                    await printer.print(at: .now)
                    try? await Task.sleep(for: .milliseconds(50))
                }
                return Diagnostic(code: EtcdCode.cancelled, "cancelled")
            }
            let first = await group.next()
            group.cancelAll()
            return first
        }
        await asker.close()
        if let end { throw end }
        return true
    }

    /// Asks, and again when the question was lost: what is told twice is shown once.
    private func ask(_ asker: FleetAsker, _ printer: FleetEventPrinter) async -> Diagnostic {
        var question = self.question
        var (isFirst, isTold) = (true, false)
        while true {
            do throws(Diagnostic) {
                try await asker.ask(EventsQuestion.kind, set: set, of: nil, question.json) { answer in
                    await printer.take(answer)
                    return true
                }
            } catch {
                // At first it is a mistake; later it is etcd that is away for a while.
                let hasHeard = await printer.hasHeard
                guard !isFirst || hasHeard else { return error }
                if !isTold { console.report(Self.lost(error)) }
                isTold = true
            }
            if Task.isCancelled { return Diagnostic(code: EtcdCode.cancelled, "cancelled") }
            isFirst = false
            // The clocks of nodes differ a little.
            if let last = await printer.lastTime { question.filter.since = last - 60_000 }
            question.last = nil
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private static func lost(_ problem: Diagnostic) -> Diagnostic {
        Diagnostic(
            .warning, code: "events-interrupted", "nothing is heard of the fleet for now: \(problem.message)",
            cause: problem.cause, hint: "it goes on when etcd answers; what happens meanwhile is shown then")
    }
}
