import Model

extension Schema {
    /// A value that is written as text. `parse` throws a `Misreading` for what it is not.
    static func parsed(
        _ expected: String, json: JSONValue,
        _ parse: @escaping @Sendable (String) throws(Misreading) -> Value
    ) -> Schema {
        Schema(expected: expected, json: json) { node, decoding in
            guard decoding.tree[node].kind == .scalar, !decoding.tree.isEmpty(node) else {
                decoding.reportType(expected, at: node)
                return nil
            }
            do throws(Misreading) {
                return try parse(decoding.tree.string(node))
            } catch {
                if let message = error.message {
                    decoding.report(error.code, "\(decoding.subject): \(message)", hint: error.hint, at: node)
                } else {
                    decoding.reportValue(expected, at: node, hint: error.hint)
                }
                return nil
            }
        }
    }
}

extension Schema where Value == String {
    /// Any text; `yes` and `1.27` are text here. NUL cannot pass through the kernel's interfaces.
    static let text = text("text")

    /// A text may be written without quotes, whatever YAML takes it for.
    static var anyScalar: JSONValue { ["type": ["string", "number", "boolean"]] }

    /// Text under a name of its own, with a rule.
    static func text(
        _ expected: String, json: JSONValue = anyScalar,
        where isValid: @escaping @Sendable (String) -> Bool = { _ in true }
    ) -> Schema {
        parsed(expected, json: json) { text throws(Misreading) in
            guard !text.utf8.contains(0) else { throw Misreading(message: "the text holds a NUL character") }
            guard isValid(text) else { throw Misreading() }
            return text
        }.rendered { .string($0) }
    }
}

extension Schema where Value == Int {
    /// A decimal whole number, quoted or not, within bounds.
    static func integer(_ range: ClosedRange<Int>, unit: String = "") -> Schema {
        let expected =
            range.upperBound > 0xffff_ffff || range == Int(Int32.min)...Int(Int32.max)
            ? "a whole number\(range.lowerBound == 1 ? " above 0" : "")\(unit)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)\(unit)"
        let json: JSONValue = [
            "type": "integer", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound)),
        ]
        return parsed(expected, json: json) { text throws(Misreading) in
            guard let number = Digits.integer(text), range.contains(number) else { throw Misreading() }
            return number
        }.rendered { .int(Int64($0)) }
    }
}

extension Schema where Value == Bool {
    /// `true` or `false`, and none of the words that YAML 1.1 takes for them.
    static let boolean = parsed("true or false", json: ["type": "boolean"]) {
        text throws(Misreading) in
        switch text {
        case "true": true
        case "false": false
        case "yes", "on", "True", "TRUE", "Yes", "On", "y": throw Misreading(hint: "write true")
        case "no", "off", "False", "FALSE", "No", "Off", "n": throw Misreading(hint: "write false")
        default: throw Misreading()
        }
    }.rendered { .bool($0) }
}

extension Schema where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// One of an enumeration's names.
    static var choice: Schema {
        let names = Value.allCases.map(\.rawValue)
        let expected = names.count == 1 ? names[0] : "one of \(names.joined(separator: ", "))"
        let json: JSONValue = ["enum": .strings(names)]
        return parsed(expected, json: json) { text throws(Misreading) in
            guard let value = Value(rawValue: text) else {
                throw Misreading(hint: NearestName.hint(for: text, among: names))
            }
            return value
        }.rendered { .string($0.rawValue) }
    }
}

/// Numbers as manifests write them: decimal digits, no signs but `-`, no leading zeros, no underscores.
enum Digits {
    /// A whole number; `nil` for anything else.
    static func integer(_ text: some StringProtocol) -> Int? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            digits.utf8.count == 1 || digits.utf8.first != 48
        else { return nil }
        return Int(text)
    }
}
