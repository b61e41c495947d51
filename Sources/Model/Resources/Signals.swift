/// Signals by name (signal(7)).
public enum Signals {
    private static let numbers: [String: Int32] = [
        "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "USR1": 10,
        "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17, "CONT": 18, "STOP": 19,
        "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25, "VTALRM": 26, "PROF": 27, "WINCH": 28,
        "IO": 29, "PWR": 30, "SYS": 31,
    ]

    /// `SIGKILL` of 9; `nil` for real-time signals and for what is none.
    public static func name(_ number: Int) -> String? {
        numbers.first { Int($0.value) == number }.map { "SIG" + $0.key }
    }

    /// From `SIGTERM`, `term`, `15`, `SIGRTMIN+3` or `RTMAX-1`; `nil` where there is no such signal.
    public static func number(_ text: String) -> Int32? {
        if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
        var name = text.uppercased()[...]
        if name.hasPrefix("SIG") { name = name.dropFirst(3) }
        if let number = numbers[String(name)] { return number }
        // glibc keeps two real-time signals for itself: RTMIN is 34 for everyone else.
        for (prefix, base, sign) in [("RTMIN", Int32(34), Int32(1)), ("RTMAX", 64, -1)] where name.hasPrefix(prefix) {
            let rest = name.dropFirst(prefix.utf8.count)
            if rest.isEmpty { return base }
            guard rest.first == (sign == 1 ? "+" : "-"), let offset = Int32(rest.dropFirst()), (0...30).contains(offset)
            else { return nil }
            return base + sign * offset
        }
        return nil
    }
}
