import Model

extension Schema where Value == Duration {
    /// A length of time as Go writes it, in whole numbers: `10s`, `1h30m`, `500ms`, and `d` for days.
    static let duration = parsed(
        "a duration such as 10s, 5m, 1h30m or 1d",
        json: ["type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$"]
    ) { text throws(Misreading) in
        if Digits.integer(text) != nil { throw Misreading(hint: "a unit is missing: \(text)s is \(text) seconds") }
        guard let value = DurationText.milliseconds(text) else { throw Misreading() }
        return .milliseconds(value)
    }.rendered { .string(text(of: $0)) }

    /// The same, but not zero.
    static let positiveDuration = Schema(
        expected: duration.expected, json: duration.json(), render: duration.render
    ) { node, decoding in
        guard let value = duration.read(node, &decoding) else { return nil }
        guard value > .zero else {
            decoding.reportValue("longer than 0s", at: node)
            return nil
        }
        return value
    }

    private static func text(of duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var rest = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        guard rest != 0 else { return "0s" }
        var text = ""
        for unit in DurationText.units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }
}
