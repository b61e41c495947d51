import CYAML
import Model

/// A syntax error in libyaml's words, with its place and what would be right.
struct YAMLProblem {
    let diagnostic: Diagnostic
    /// Where libyaml gave up.
    let line: Int

    init(_ parser: yaml_parser_t, file: String, baseLine: Int) {
        let problem = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
        let context = parser.context.map { String(cString: $0) }
        line = baseLine + Int(parser.problem_mark.line)
        // What was never closed is shown where it was opened.
        let isUnclosed =
            problem.hasPrefix("found unexpected") || problem.hasPrefix("did not find expected ',' or")
        let mark = isUnclosed && context != nil ? parser.context_mark : parser.problem_mark
        let place = SourcePosition(file: file, line: baseLine + Int(mark.line), column: Int(mark.column) + 1)
        let contextPlace =
            SourcePosition(
                file: file, line: baseLine + Int(parser.context_mark.line), column: Int(parser.context_mark.column) + 1)
        diagnostic = Diagnostic(
            code: "yaml-syntax", "this is not YAML: \(problem)",
            cause: context.map { "\($0) that begins at \(contextPlace)" },
            hint: Self.hint(problem, context ?? ""), position: place, excerpt: .init(line: "", length: 1))
    }

    private static func hint(_ problem: String, _ context: String) -> String? {
        switch problem {
        case "mapping values are not allowed in this context":
            "a text that holds \": \" needs quotes; a key stands below the one before it, at the same indentation"
        case "found character that cannot start any token":
            "indent with spaces, not tabs; a text that begins with a tab, @, ` or % needs quotes"
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            "indent with spaces, not tabs"
        case "could not find expected ':'": "a key is followed by \": \" and its value"
        case "did not find expected key":
            "keep the keys of one map at the same indentation; a text with quotes inside needs quotes around all of it"
        case "did not find expected '-' indicator": "keep the items of one list at the same indentation"
        case "found unexpected end of stream", "found unexpected document indicator":
            "close the quotes that were opened here"
        case "did not find expected ',' or ']'": "close the list with ] and put commas between its items"
        case "did not find expected ',' or '}'": "close the map with } and put commas between its members"
        case "found unknown escape character":
            "in double quotes a backslash is written \\\\; single quotes take it as it is"
        case "block sequence entries are not allowed in this context": "put the list on lines of its own below the key"
        case "did not find expected <document start>": "begin the next document with a line ---"
        default:
            context.contains("alias") || context.contains("anchor")
                ? "a text that begins with * or & needs quotes" : nil
        }
    }
}
