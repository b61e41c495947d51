/// How text is set off: with colours on a terminal, not at all elsewhere.
public enum TextStyle: Sendable {
    case plain
    /// ANSI escape sequences (ECMA-48).
    case ansi

    /// Bold, for headings.
    public func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }

    /// Red, for what goes and what is wrong.
    public func red(_ text: String) -> String { wrap(text, "31") }
    /// Green, for what comes and what is well.
    public func green(_ text: String) -> String { wrap(text, "32") }
    /// Yellow, for what changes.
    public func yellow(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
        self == .plain || text.isEmpty ? text : "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }
}
