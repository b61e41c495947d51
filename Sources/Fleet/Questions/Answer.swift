import Model

/// One message of a node that was asked.
public struct Answer: Sendable {
    /// Who says it.
    public let node: String
    /// Tells the messages of one life of its agent from those of the next one, which begins anew.
    public let stream: String
    /// Which message of that stream, from 0.
    public let number: Int
    /// Whether there is nothing more to come.
    public let isLast: Bool
    /// What it says, or why it does not answer.
    public let content: Result<JSONValue, Diagnostic>

    /// An answer by its parts.
    public init(
        node: String, stream: String, number: Int, isLast: Bool, content: Result<JSONValue, Diagnostic>
    ) {
        self.node = node
        self.stream = stream
        self.number = number
        self.isLast = isLast
        self.content = content
    }
}
