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

    /// Each line of a text by itself, the parts of one indented four more than its beginning. A hint is left whole: it has
    /// commands to be copied.
    static func lines(_ text: String, width: Int?) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let blanks = line.prefix { $0 == " " }.count
            let isHint = line.dropFirst(blanks).hasPrefix("hint:")
            return isHint ? String(line) : self.text(String(line), width: width, indent: blanks + 4)
        }.joined(separator: "\n")
    }
}
