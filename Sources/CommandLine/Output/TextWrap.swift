/// Breaks lines between words, so that they stay readable on a terminal.
enum TextWrap {
    /// A text in lines of at most `width` characters, all but the first indented. A word that is longer stays whole.
    ///
    /// - Parameters:
    ///   - width: characters; `nil`: nothing is broken.
    ///   - start: how many characters stand before the text in its first line.
    ///   - indent: how many blanks go before every other line.
    static func text(_ text: String, width: Int?, start: Int = 0, indent: Int) -> String {
        guard let width, start + text.count > width else { return text }
        var out = ""
        var column = start
        // Nothing stands in this line yet but its indent.
        var isEmpty = start == 0
        for (index, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            if index > 0 {
                if !isEmpty, column + 1 + word.count > width {
                    out += "\n" + String(repeating: " ", count: indent)
                    column = indent
                    isEmpty = true
                } else {
                    out += " "
                    column += 1
                }
            }
            out += word
            column += word.count
            if !word.isEmpty { isEmpty = false }
        }
        return out
    }

    /// Each line of a text by itself, the parts of one indented four more than its beginning. A hint has commands to be
    /// copied: it is broken between them alone.
    static func lines(_ text: String, width: Int?) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let indent = line.prefix { $0 == " " }.count + 4
            guard line.dropFirst(indent - 4).hasPrefix("hint:") else {
                return self.text(String(line), width: width, indent: indent)
            }
            guard let width, line.count > width else { return String(line) }
            return String(line).replacing("; ", with: ";\n" + String(repeating: " ", count: indent))
        }.joined(separator: "\n")
    }
}
