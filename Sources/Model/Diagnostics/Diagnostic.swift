/// What went wrong, in the four parts that every error of ours has, with the resource and the place it concerns.
public struct Diagnostic: Error, Hashable, Sendable {
    /// How bad it is. Only errors stop what they concern.
    public enum Severity: String, Hashable, Sendable {
        case error
        case warning
        case note
    }

    /// The line of the manifest that a position points into, for the caret below it.
    public struct Excerpt: Hashable, Sendable {
        /// The line without its line break.
        public let line: String
        /// Characters to underline, from the position's column; at least 1.
        public let length: Int

        /// An excerpt of a line.
        public init(line: String, length: Int) {
            self.line = line
            self.length = max(1, length)
        }
    }

    /// error, warning or note.
    public var severity: Severity
    /// A stable name in kebab-case, for programs (`unknown-field`, `port-in-use`).
    public var code: String
    /// What is wrong, in one sentence without a full stop.
    public var message: String
    /// What lies behind it: a system call with its errno and the kernel's words, or another error's message.
    public var cause: String?
    /// What would be right.
    public var hint: String?
    /// The resource that it concerns.
    public var resource: ResourceID?
    /// Where in the manifests.
    public var position: SourcePosition?
    /// The line there.
    public var excerpt: Excerpt?

    /// A diagnostic; everything past the message is optional.
    public init(
        _ severity: Severity = .error, code: String, _ message: String, cause: String? = nil, hint: String? = nil,
        resource: ResourceID? = nil, position: SourcePosition? = nil, excerpt: Excerpt? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.cause = cause
        self.hint = hint
        self.resource = resource
        self.position = position
        self.excerpt = excerpt
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `path:line:column: error: message`, then the line with a caret below, the cause and the hint, each on its own line.
    public var description: String {
        var text = position.map { "\($0): " } ?? ""
        text += "\(severity.rawValue): "
        if position == nil, let resource { text += "\(resource): " }
        text += message
        if let position, let excerpt {
            let gutter = String(position.line)
            let blank = String(repeating: " ", count: gutter.utf8.count)
            // Tabs are kept before the caret, so that it stands below its character in every terminal.
            let lead = String(excerpt.line.prefix(max(0, position.column - 1)).map { $0 == "\t" ? "\t" : " " })
            text += "\n \(gutter) | \(excerpt.line)\n \(blank) | \(lead)^"
            text += String(repeating: "~", count: excerpt.length - 1)
        }
        if let cause { text += "\n  cause: \(cause)" }
        if let hint { text += "\n  hint: \(hint)" }
        return text
    }
}
