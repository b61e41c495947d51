import Model

/// What happened on a node, and what happens while it is asked: the question that `fleet events` asks.
public struct EventsQuestion: Hashable, Sendable {
    /// The kind of question.
    public static let kind = "events"
    /// Bytes of events from before the question, at most: what is more is counted.
    static let historySize = 1 << 20
    /// Bytes from before the question of all nodes together: more than that nobody reads.
    private static let allSize = 64 << 20

    /// Which events.
    public var filter: EventFilter
    /// Only the newest ones from before; `nil`: all.
    public var last: Int?
    /// Whether what comes later is wanted, too.
    public var follows: Bool
    /// When it was asked first, in milliseconds since 1970, where what comes later is wanted: an agent that was not there
    /// all the time since tells what its log has of that, beside the newest ones from before.
    var begun: Int64?
    /// Bytes of events from before, at most.
    var size: Int

    /// Asks a number of nodes.
    public init(_ filter: EventFilter, last: Int?, follows: Bool, nodes: Int) {
        self.filter = filter
        self.last = last
        self.follows = follows
        begun = follows ? Timestamp.now() : nil
        size = min(Self.historySize, Self.allSize / max(1, nodes))
    }

    /// Reads a question; throws for what is none.
    init(_ json: JSONValue) throws(Diagnostic) {
        guard let follows = json["follow"]?.bool, let resources = json["resources"]?.array,
            let size = json["size"]?.int.flatMap({ Int(exactly: $0) })
        else {
            throw Diagnostic(
                code: "question-unreadable", "the question is not understood",
                hint: "a newer version may have asked it; bring all nodes to one version")
        }
        filter = EventFilter(
            resources: Set(resources.compactMap { $0.string.flatMap { ResourceID($0) } }), since: json["since"]?.int)
        last = json["last"]?.int.flatMap { Int(exactly: $0) }.map { max(0, $0) }
        self.follows = follows
        begun = json["begun"]?.int
        self.size = min(max(0, size), Self.historySize)
    }

    /// What is sent.
    public var json: JSONValue {
        [
            "since": filter.since.map { .int($0) } ?? .null,
            "resources": .strings(filter.resources.map(\.description).sorted()),
            "last": last.map { .int(Int64($0)) } ?? .null, "follow": .bool(follows),
            "begun": begun.map { .int($0) } ?? .null, "size": .int(Int64(size)),
        ]
    }
}
