import Glibc
import Model

/// The capabilities that looking at and changing a host needs (capabilities(7)).
enum Capability {
    private static let needed: [(name: String, bit: Int)] = [("CAP_NET_ADMIN", 12), ("CAP_SYS_ADMIN", 21)]

    /// Throws an error that names what is missing.
    static func check() throws(Diagnostic) {
        let missing = missing()
        guard !missing.isEmpty else { return }
        throw Diagnostic(
            code: "not-permitted", "this needs \(missing.joined(separator: " and "))",
            hint: "run it as root; validate and apply --dry-run work without")
    }

    private static func missing() -> [String] {
        let effective = effectiveSet()
        return needed.filter { effective & (1 << UInt64($0.bit)) == 0 }.map(\.name)
    }

    private static func effectiveSet() -> UInt64 {
        guard let file = fopen("/proc/self/status", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, 512, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("CapEff:") else { continue }
            let digits = text.dropFirst(7).filter { $0.isHexDigit }
            return UInt64(digits, radix: 16) ?? 0
        }
        return 0
    }
}
