import Agent
import Fleet
import Model

/// Prints the events of several nodes as they come in: those from before in the order of time, when all nodes have spoken
/// or the time for it is over; later ones a moment after they came, so that those of one moment are in order, too.
actor FleetEventPrinter {
    private let console: Console
    private let last: Int?
    private let set: String
    private let timeout: Duration
    private let deadline: ContinuousClock.Instant
    private var merge = EventMerge()
    /// Whose history is still to come.
    private var awaited: Set<String>
    private var isHistory = true
    private var hasRefusals = false
    private var members: Set<String>

    init(_ nodes: [String], last: Int?, set: String, timeout: Duration, _ console: Console) {
        (self.last, self.set, self.timeout, self.console) = (last, set, timeout, console)
        awaited = Set(nodes)
        members = awaited
        deadline = .now + timeout
    }

    /// The time of the newest event so far, in milliseconds since 1970; `nil` where there was none.
    var lastTime: Int64? { merge.lastTime }

    /// Whether any node has spoken.
    var hasHeard: Bool { merge.hasHeard }

    func take(_ answer: Answer) {
        awaited.remove(answer.node)
        switch answer.content {
        case .failure(let problem): refused(answer.node, problem)
        case .success(let json):
            guard let leftOut = merge.take(json, of: answer.node, stream: answer.stream, at: .now) else {
                return refused(
                    answer.node,
                    Diagnostic(
                        code: "answer-unreadable", "its answer is not understood",
                        hint: "bring all nodes to one version"))
            }
            if leftOut > 0 { tell(leftOut, answer.node, isOld: answer.number == 0) }
        }
    }

    /// What is due.
    func print(at now: ContinuousClock.Instant) {
        guard !isHistory || awaited.isEmpty || now >= deadline else { return }
        if isHistory { _ = endHistory() }
        for event in merge.ready(at: now) { show(event) }
    }

    /// Prints what was there before; false where a node did not speak.
    func endHistory() -> Bool {
        isHistory = false
        let events = merge.all()
        for event in events.suffix(last ?? .max) { show(event) }
        for node in awaited.sorted(by: NaturalOrder.isBefore) {
            console.report(NodeChoice.silent(node, timeout, set: set))
        }
        let isWhole = awaited.isEmpty && !hasRefusals
        awaited = []
        return isWhole
    }

    private func refused(_ node: String, _ problem: Diagnostic) {
        hasRefusals = true
        console.report(NodeChoice.of(node, problem))
    }

    /// Tells who went and who came.
    func present(_ names: Set<String>) {
        for node in members.subtracting(names).sorted(by: NaturalOrder.isBefore) {
            var away = NodeChoice.away(node)
            away.severity = .warning
            console.report(away)
        }
        for node in names.subtracting(members).sorted(by: NaturalOrder.isBefore) {
            console.report(Diagnostic(.note, code: "node-back", "node \(node) is there"))
        }
        members = names
    }

    private func tell(_ leftOut: Int, _ node: String, isOld: Bool) {
        let events = "\(leftOut) \(isOld ? "older " : "")event\(leftOut == 1 ? "" : "s") of node \(node)"
        console.report(
            Diagnostic(
                .warning, code: "events-left-out", "\(events) \(leftOut == 1 ? "is" : "are") left out",
                hint: isOld
                    ? "ask for less: --since 10m, --last 100" : "more came than is sent; there: reconcile events"))
    }

    private func show(_ event: JSONValue) {
        console.isJSON ? console.writeLine(event) : console.write(EventsCommand.text(event) + "\n")
    }
}
