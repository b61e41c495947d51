import Model

/// Writes YAML that every reader takes for the same: block style, and quotes around every text that YAML 1.1 or 1.2
/// could take for something else.
public enum YAMLWriter {
    /// A document, ending with a line break.
    public static func text(_ value: JSONValue) -> String {
        var out = ""
        write(value, indent: 0, inItem: false, &out)
        return out
    }

    private static func write(_ value: JSONValue, indent: Int, inItem: Bool, _ out: inout String) {
        let margin = String(repeating: " ", count: indent)
        switch value {
        case .object(let members) where !members.isEmpty:
            for (index, member) in members.enumerated() {
                // The first member stands behind the dash of its item.
                out += (inItem && index == 0 ? "" : margin) + scalar(member.name) + ":"
                nested(member.value, indent: indent + 2, &out)
            }
        case .array(let items) where !items.isEmpty:
            for (index, item) in items.enumerated() {
                out += (inItem && index == 0 ? "" : margin) + "- "
                write(item, indent: indent + 2, inItem: true, &out)
            }
        default: out += leaf(value) + "\n"
        }
    }

    /// What follows a key: on its line, or below.
    private static func nested(_ value: JSONValue, indent: Int, _ out: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty: out += "\n"
        case .array(let items) where !items.isEmpty: out += "\n"
        default: out += " "
        }
        write(value, indent: indent, inItem: false, &out)
    }

    private static func leaf(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): scalar(text)
        case .object: "{}"
        case .array: "[]"
        default: value.text()
        }
    }

    /// Words that some version of YAML takes for a truth value, nothing, or a number.
    private static let words: Set<String> = [
        "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity",
    ]

    /// A text, plain only where it cannot be misread.
    static func scalar(_ text: String) -> String {
        let bytes = Array(text.utf8)
        func isLetter(_ byte: UInt8) -> Bool { byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122 }
        let isPlain =
            bytes.first.map { isLetter($0) || $0 == UInt8(ascii: "/") } == true
            && bytes.last != UInt8(ascii: ":")
            && bytes.allSatisfy { isLetter($0) || $0 >= 48 && $0 <= 57 || "/_.-@:+".utf8.contains($0) }
            && !words.contains(text.lowercased())
        return isPlain ? text : quoted(text)
    }

    /// Double quotes: everything that is no plain sign is written as an escape, line breaks of any kind too.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case " "..."~": out.unicodeScalars.append(scalar)
            case _ where scalar.value >= 0xa0 && scalar.value < 0xd800 && ![0x2028, 0x2029].contains(scalar.value):
                out.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                let width = scalar.value < 0x100 ? 2 : scalar.value < 0x10000 ? 4 : 8
                let letter = width == 2 ? "x" : width == 4 ? "u" : "U"
                out += "\\\(letter)" + String(repeating: "0", count: width - digits.count) + digits
            }
        }
        return out + "\""
    }
}
