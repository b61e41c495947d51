import Model

/// The rules for names that the kernel, DNS and Docker share.
enum Names {
    /// One DNS label (RFC 1123): lower-case letters, digits and hyphens, 1 to 63 bytes, no hyphen at either end.
    static func isLabel(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...63).contains(bytes.count), bytes.first != 45, bytes.last != 45 else { return false }
        return bytes.allSatisfy { $0 >= 97 && $0 <= 122 || $0 >= 48 && $0 <= 57 || $0 == 45 }
    }

    /// A label as near to a text as it can be, for hints; `nil` where nothing is left.
    static func label(from text: String) -> String? {
        var bytes: [UInt8] = []
        for scalar in text.lowercased().unicodeScalars where !scalar.properties.isDiacritic {
            let byte = UInt8(plain(scalar).value)
            let isKept = byte >= 97 && byte <= 122 || byte >= 48 && byte <= 57
            // One hyphen for all that is between two letters and has no place there, but as many as there were.
            if isKept || byte == 45 && scalar == "-" || bytes.last != 45 { bytes.append(isKept ? byte : 45) }
        }
        var trimmed = bytes.drop { $0 == 45 }.prefix(63)
        while trimmed.last == 45 { trimmed.removeLast() }
        let label = String(decoding: trimmed, as: UTF8.self)
        return isLabel(label) ? label : nil
    }

    /// The letter below an accent, by the scalar's name in Unicode (`LATIN SMALL LETTER E WITH ACUTE`); a hyphen for what is
    /// not ASCII and has none.
    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII { return scalar }
        let start = "LATIN SMALL LETTER "
        guard let name = scalar.properties.name, name.hasPrefix(start) else { return "-" }
        let letter = name.dropFirst(start.count).prefix { $0 != " " }.unicodeScalars
        guard letter.count == 1, let first = letter.first, first.isASCII, name.contains(" WITH ") else { return "-" }
        return first.properties.lowercaseMapping.unicodeScalars.first ?? "-"
    }

    /// A host name: labels in either case joined by dots, `_` allowed as DNS allows it, at most `limit` bytes.
    static func isHostname(_ text: String, limit: Int = 253) -> Bool {
        guard text.utf8.count <= limit else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard (1...63).contains(label.count), label.first != 45, label.last != 45 else { return false }
            return label.allSatisfy { byte in
                let letter = byte | 0x20
                return letter >= 97 && letter <= 122 || byte >= 48 && byte <= 57 || byte == 45 || byte == 95
            }
        }
    }

    /// A network interface's name, as the kernel has it (dev_valid_name in net/core/dev.c): at most 15 bytes, no slash,
    /// colon or space; not `.` or `..`; and no `%`, which the kernel would fill with a number.
    static func isInterface(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...15).contains(bytes.count), text != ".", text != ".." else { return false }
        return bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f && $0 != 0x3a && $0 != 0x25 }
    }
}

extension Schema where Value == String {
    /// `metadata.name`, a network's name.
    static let label = parsed(
        "a DNS label",
        json: ["type": ["string", "number"], "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 63]
    ) { text throws(Misreading) in
        if Names.isLabel(text) { return text }
        let near = Names.label(from: text).map { "; for example \($0)" } ?? ""
        throw Misreading(
            hint: "lower-case letters, digits and hyphens, at most 63, with a letter or digit at both ends\(near)",
            message: "\(quoted(text)) is not a DNS label")
    }.rendered { .string($0) }

    /// An interface's name.
    static let interfaceName = parsed(
        "an interface name of at most 15 bytes without spaces, slashes, colons and %",
        json: ["type": "string", "pattern": "^(?!lo$)[^/:%\\s]{1,15}$"]
    ) { text throws(Misreading) in
        if text == "lo" {
            throw Misreading(
                hint: "choose another name", message: "lo is the loopback interface, which is there already")
        }
        guard Names.isInterface(text) else { throw Misreading() }
        return text
    }.rendered { .string($0) }

    /// A name that DNS resolves.
    static let hostname = text("a host name such as www or db.example", json: ["type": "string", "maxLength": 253]) {
        Names.isHostname($0)
    }
}
