import Model

/// Durations as Go writes them, in whole numbers: `1h30m`, and `d` for days.
public enum DurationText {
    /// Reads a duration; `nil` where it is none.
    public static func parse(_ text: String) -> Duration? {
        milliseconds(Array(text.utf8)).map { .milliseconds($0) }
    }

    /// Each unit at most once, the largest first; `nil` for anything else, and for more than a century.
    static func milliseconds(_ text: [UInt8]) -> Int64? {
        let units = FieldUnit.durations
        var total: Int64 = 0
        var rest = text[...]
        var unit = -1
        while !rest.isEmpty {
            let digits = rest.prefix { $0 >= 48 && $0 <= 57 }
            guard (1...12).contains(digits.count) else { return nil }
            let number = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { $0 < 48 || $0 > 57 }
            rest = rest.dropFirst(letters.count)
            guard let index = units.firstIndex(where: { letters.elementsEqual($0.name.utf8) }), index > unit
            else { return nil }
            unit = index
            let (product, overflow) = number.multipliedReportingOverflow(by: units[index].milliseconds)
            guard !overflow, product < 4_000_000_000_000 else { return nil }
            total += product
        }
        return text.isEmpty || total > 4_000_000_000_000 ? nil : total
    }

    static func text(of duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return FieldUnit.duration(milliseconds: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}
