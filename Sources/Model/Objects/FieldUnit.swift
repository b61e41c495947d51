/// What the number in a field counts, for people. Programs get the number.
public enum FieldUnit: Hashable, Sendable {
    case bytes
    case milliseconds
    /// Thousandths of one.
    case thousandths

    /// A number with its unit: `64Mi`, `1m30s`, `0.5`.
    public func text(_ number: Int) -> String {
        switch self {
        case .bytes: Self.bytes(number)
        case .milliseconds: Self.duration(milliseconds: Int64(number))
        case .thousandths: Self.thousandths(number)
        }
    }

    /// As manifests have sizes, in the largest unit in which it is a whole number.
    private static func bytes(_ number: Int) -> String {
        let units = ["Ti", "Gi", "Mi", "Ki"]
        for (index, unit) in units.enumerated() {
            let size = 1 << (10 * (units.count - index))
            if number != 0, number % size == 0 { return "\(number / size)\(unit)" }
        }
        return "\(number)B"
    }

    private static func thousandths(_ number: Int) -> String {
        var rest = String(abs(number) % 1000 + 1000).dropFirst()
        while rest.last == "0" { rest.removeLast() }
        return (number < 0 ? "-" : "") + "\(abs(number) / 1000)" + (rest.isEmpty ? "" : ".\(rest)")
    }

    /// The units of durations, the largest first.
    public static let durations: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// As manifests have durations, each unit that it needs: `1h30m`, `1s500ms`; `0s` for none.
    public static func duration(milliseconds: Int64) -> String {
        guard milliseconds != 0 else { return "0s" }
        var rest = milliseconds
        var text = ""
        for unit in durations where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }
}

extension FieldValue {
    /// For people, with the unit of its field.
    public func text(_ unit: FieldUnit?) -> String {
        if let unit, case .int(let number) = self { unit.text(number) } else { description }
    }
}
