import Model

extension Schema where Value == Duration {
    /// A length of time as Go writes it, in whole numbers: `10s`, `1h30m`, `500ms`, and `d` for days.
    static let duration = parsed(
        "a duration such as 10s, 5m, 1h30m or 1d",
        json: ["type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$"]
    ) { text throws(Misreading) in
        if Digits.integer(text) != nil { throw Misreading(hint: "a unit is missing: \(text)s is \(text) seconds") }
        guard let value = DurationText.milliseconds(Array(text.utf8)) else { throw Misreading() }
        return .milliseconds(value)
    }.rendered { .string(DurationText.text(of: $0)) }

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
}
