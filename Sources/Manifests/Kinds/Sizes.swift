import Model

extension Schema where Value == Int64 {
    /// Bytes, plain or in powers of 1024: `1048576`, `512Ki`, `256Mi`, `2Gi`. At least `minimum` bytes.
    static func size(minimum: Int64 = 1, _ least: String = "1 byte") -> Schema {
        parsed(
            "a size such as 256Mi, 2Gi or plain bytes",
            json: ["type": ["string", "integer"], "pattern": "^[0-9]+(Ki|Mi|Gi|Ti)?$", "minimum": .int(minimum)]
        ) { text throws(Misreading) in
            let digits = Substring(text.utf8.prefix { $0 >= 48 && $0 <= 57 })
            let unit = String(text[digits.endIndex...])
            guard let number = Digits.integer(digits).map(Int64.init), let shift = shift(of: unit) else {
                throw Misreading(hint: hint(digits, unit))
            }
            let (value, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
            guard !overflow else { throw Misreading(message: "\(text) is more than 8 EiB") }
            guard value >= minimum else {
                throw Misreading(
                    hint: unit.isEmpty && number > 0 ? "a number alone is bytes; did you mean \(number)Mi?" : nil,
                    message: "\(text) is too little; the least is \(least)")
            }
            return value
        }
    }

    private static func shift(of unit: String) -> Int64? {
        switch unit {
        case "": 0
        case "Ki": 10
        case "Mi": 20
        case "Gi": 30
        case "Ti": 40
        default: nil
        }
    }

    private static func hint(_ digits: Substring, _ unit: String) -> String? {
        guard !digits.isEmpty, let letter = unit.first, "kKmMgGtT".contains(letter),
            ["", "b", "B", "i", "ib", "iB", "I", "IB"].contains(String(unit.dropFirst()))
        else { return nil }
        return "did you mean \(digits)\(letter.uppercased())i?"
    }
}

extension Schema where Value == Int {
    /// CPUs as a decimal, read as thousandths: `0.5` is 500. Docker's least is 0.01.
    static let milliCPUs = parsed(
        "a number of CPUs such as 0.5 or 2", json: ["type": "number", "minimum": .double(0.01), "maximum": 8192]
    ) { text throws(Misreading) in
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map {
            Substring($0)
        }
        if text.utf8.last == UInt8(ascii: "m"), let milli = Digits.integer(text.dropLast()), milli > 0,
            milli < 1_000_000
        {
            throw Misreading(hint: "write it as a decimal: \(Double(milli) / 1000)")
        }
        guard (1...2).contains(parts.count), let whole = Digits.integer(parts[0]), (0...8192).contains(whole)
        else { throw Misreading() }
        let fraction = parts.count == 2 ? String(parts[1]) : "0"
        guard (1...3).contains(fraction.utf8.count), fraction.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            let thousandths = Int(fraction + String(repeating: "0", count: 3 - fraction.utf8.count))
        else { throw Misreading(hint: "at most three digits follow the point") }
        let value = whole * 1000 + thousandths
        guard value >= 10 else { throw Misreading(message: "\(text) CPUs are too little; the least is 0.01") }
        return value
    }
}
