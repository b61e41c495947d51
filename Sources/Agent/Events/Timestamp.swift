import Glibc

/// Points in time as RFC 3339 has them, in UTC with milliseconds.
public enum Timestamp {
    /// Milliseconds since 1970.
    public static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Reads `2026-01-31`, `2026-01-31T09:05:07Z` or `2026-01-31T09:05:07.042Z`; `nil` for anything else.
    public static func milliseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        func number(_ start: Int, _ length: Int) -> Int32? {
            guard start + length <= bytes.count else { return nil }
            let digits = bytes[start..<(start + length)]
            guard digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int32($1 - 48) }
        }
        let isDate = bytes.count == 10
        let pattern = Array(
            (isDate ? "dddd-dd-dd" : bytes.count > 20 ? "dddd-dd-ddTdd:dd:dd.dddZ" : "dddd-dd-ddTdd:dd:ddZ").utf8)
        guard bytes.count == pattern.count,
            zip(bytes, pattern).allSatisfy({ $1 == UInt8(ascii: "d") || $0 == $1 }), let year = number(0, 4),
            let month = number(5, 2), let day = number(8, 2), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, month - 1, day)
        guard !isDate else { return Int64(timegm(&parts)) * 1000 }
        guard let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
        let fraction = bytes.count > 20 ? number(20, 3) : 0
        return fraction.map { Int64(timegm(&parts)) * 1000 + Int64($0) }
    }

    /// `2026-01-31T09:05:07.042Z`.
    public static func text(_ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: some BinaryInteger, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let date = "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        let time = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
        return "\(date)T\(time).\(padded(milliseconds % 1000, 3))Z"
    }
}
