import Model

/// Events of several nodes in the order of time, each once. Pure: the time is passed in.
///
/// What is told again, because a node's agent or the question began anew, is known by its text.
public struct EventMerge: Sendable {
    /// How long an event waits for others that happened before it and come after it.
    private let hold: Duration
    /// As many events of a node are remembered.
    private static let memory = 8192

    private struct Held: Sendable {
        let time: String
        let node: String
        /// The order in which they came.
        let number: Int
        let arrived: ContinuousClock.Instant
        let event: JSONValue
    }

    private struct Node: Sendable {
        var stream: String
        /// The number of the event that is to come next.
        var next = 0
        var seen: Set<Int> = []
        var order: [Int] = []
    }

    private var nodes: [String: Node] = [:]
    private var held: [Held] = []
    private var count = 0
    /// The time of the newest event so far, in milliseconds since 1970.
    public private(set) var lastTime: Int64?

    /// Waits for so long; by default for longer than a node takes to look at its log.
    public init(hold: Duration = .milliseconds(250)) { self.hold = hold }

    /// Whether any node has said anything.
    public var hasHeard: Bool { !nodes.isEmpty }

    /// Takes a batch; answers with how many events were left out before it, and `nil` for what is no batch.
    public mutating func take(
        _ json: JSONValue, of name: String, stream: String, at now: ContinuousClock.Instant
    ) -> Int? {
        guard let batch = EventBatch(json) else { return nil }
        let isAgain = nodes[name].map { $0.stream != stream } ?? false
        var node = nodes[name] ?? Node(stream: stream)
        // What a new stream leaves out was told by the one before, or nobody can say.
        if isAgain { (node.stream, node.next) = (stream, batch.first) }
        let leftOut = max(0, batch.first - node.next)
        node.next = batch.first + batch.lines.count
        for line in batch.lines {
            let hash = line.hashValue
            guard !isAgain || !node.seen.contains(hash) else { continue }
            remember(hash, &node)
            guard let event = try? JSONValue(parsing: Array(line.utf8)), case .object(var members) = event else {
                continue
            }
            let time = event["time"]?.string ?? ""
            members.insert(JSONValue.Member("node", .string(name)), at: min(1, members.count))
            count += 1
            held.append(Held(time: time, node: name, number: count, arrived: now, event: .object(members)))
            if let time = Timestamp.milliseconds(time) { lastTime = max(lastTime ?? time, time) }
        }
        nodes[name] = node
        return leftOut
    }

    private func remember(_ hash: Int, _ node: inout Node) {
        node.seen.insert(hash)
        node.order.append(hash)
        guard node.order.count > 2 * Self.memory else { return }
        node.order.removeFirst(Self.memory)
        node.seen = Set(node.order)
    }

    /// Those that have waited long enough, and all that happened before them.
    public mutating func ready(at now: ContinuousClock.Instant) -> [JSONValue] {
        guard let until = held.filter({ now - $0.arrived >= hold }).map(\.time).max() else { return [] }
        return take { $0.time <= until }
    }

    /// All that wait.
    public mutating func all() -> [JSONValue] { take { _ in true } }

    private mutating func take(_ isDue: (Held) -> Bool) -> [JSONValue] {
        let due = held.filter(isDue)
        held.removeAll(where: isDue)
        return due.sorted { ($0.time, $0.node, $0.number) < ($1.time, $1.node, $1.number) }.map(\.event)
    }
}
