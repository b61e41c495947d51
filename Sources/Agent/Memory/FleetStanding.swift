import Fleet
import Model

/// How a node stands in its fleet, as its agent knows it.
public struct FleetStanding: Hashable, Sendable {
    /// The fleet's name.
    public let fleet: String
    /// The node's name.
    public let node: String
    /// Whether it is a member now.
    public let isConnected: Bool
    /// Since when etcd is away, in milliseconds since 1970; `nil` where it is not, and where nothing was heard yet.
    public let since: Int64?
    /// What is wrong; a code of ``EtcdCode`` among others.
    public let code: String?
    /// The same in a sentence.
    public let message: String?
    /// What would help.
    public let hint: String?

    init(_ view: FleetView) {
        (fleet, node) = (view.fleet, view.node)
        isConnected = view.connection == .connected
        if case .disconnected(let since) = view.connection { self.since = since } else { since = nil }
        (code, message, hint) =
            view.connection == .left
            ? (Self.left, "it has left the fleet", "stop the agent: started anew, it is the agent of a host by itself")
            : (view.problem?.code, view.problem?.message, view.problem?.hint)
    }

    private static let left = "fleet-left"

    init?(json: JSONValue) {
        guard let fleet = json["fleet"]?.string, let node = json["node"]?.string else { return nil }
        (self.fleet, self.node) = (fleet, node)
        isConnected = json["connected"]?.bool ?? false
        since = json["since"]?.int
        (code, message, hint) = (json["code"]?.string, json["message"]?.string, json["hint"]?.string)
    }

    /// Nothing is wrong.
    public var isReady: Bool { isConnected && code == nil }

    /// In a sentence or two.
    public var text: String {
        var text = "Node \(node) of fleet \(fleet): "
        if isConnected || code == Self.left {
            text += message ?? "connected"
        } else {
            text += since.map { "without etcd since \(Timestamp.text($0))" } ?? "not connected yet"
            text += message.map { ": \($0)" } ?? ""
            text += ". What runs goes on, and is repaired"
        }
        return text + "." + (hint.map { " (\($0))" } ?? "")
    }

    /// For programs.
    public var json: JSONValue {
        [
            "fleet": .string(fleet), "node": .string(node), "connected": .bool(isConnected),
            "since": since.map { .int($0) } ?? .null, "code": .optional(code), "message": .optional(message),
            "hint": .optional(hint),
        ]
    }
}
