import Model

/// The host's labels, which `nodeSelector` matches, as `/etc/reconcile/node-labels` has them: one `KEY=VALUE` a line,
/// comments after `#`.
///
/// A file, since the agent, its service and every command that is typed must select the same resources.
public enum NodeLabelFile {
    /// Where the host's administrator writes it.
    public static let path = "/etc/reconcile/node-labels"

    /// Those given over those of the file. Throws where a line of the file is none.
    public static func labels(given: [String: String], path: String = path) throws(Diagnostic) -> [String: String] {
        let own = try WordFile.read(path, problem: problem, meaning: label)
        return Dictionary(own.map { ($0.key, $0.value) }) { $1 }.merging(given) { $1 }
    }

    /// Key and value of `KEY=VALUE`; `nil` where it is something else.
    public static func label(_ text: some StringProtocol) -> (key: String, value: String)? {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex,
            !text.contains(where: \.isWhitespace)
        else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    private static func problem(_ word: Substring) -> Diagnostic {
        Diagnostic(code: "node-label", "\"\(word)\" is no label", hint: "write KEY=VALUE, such as tier=web")
    }
}
