import Model

extension SourceText {
    /// The largest manifest that is read: far above any real one, far below what would exhaust a small host.
    static let maximumSize = 64 << 20

    /// True where the byte order mark is that of UTF-16.
    var isUTF16: Bool { bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) }

    /// What keeps the bytes from being text at all; `nil` where they are UTF-8 without control characters.
    ///
    /// libyaml would refuse the same bytes, but names no line for them, and would read UTF-16 by a guess.
    func encodingProblem() -> Diagnostic? {
        if isUTF16 {
            return Diagnostic(
                code: "not-utf8", "the file is UTF-16", hint: "save it as UTF-8",
                position: SourcePosition(file: path, line: 1, column: 1))
        }
        return bytes.withUnsafeBufferPointer { bytes in
            var index = start
            while index < bytes.count {
                let byte = bytes[index]
                if byte >= 0x20, byte < 0x7f {
                    index += 1
                } else if byte >= 0x80 {
                    let width = Self.utf8Width(bytes, at: index)
                    guard width > 0 else {
                        return problem(
                            at: index, "not-utf8", "the byte 0x\(hex(byte)) is not UTF-8", "save the file as UTF-8")
                    }
                    index += width
                } else if byte == 0x0a || byte == 0x0d || byte == 0x09 {
                    index += 1
                } else {
                    let hint =
                        byte == 0
                        ? "the file may be UTF-16 or binary; save it as UTF-8"
                        : "remove it, or write \"\\x\(hex(byte))\" in double quotes"
                    return problem(
                        at: index, "control-character", "the control character 0x\(hex(byte)) is not allowed in YAML",
                        hint)
                }
            }
            return nil
        }
    }

    private func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    private func problem(at offset: Int, _ code: String, _ message: String, _ hint: String) -> Diagnostic {
        var position = SourcePosition(file: path, line: 1, column: 1)
        bytes.withUnsafeBufferPointer { bytes in
            Self.forEachLine(bytes, from: start, number: 1) { number, range in
                guard range.upperBound >= offset else { return true }
                // Before the offset all is valid, so characters are the bytes that begin one.
                let column = bytes[range.lowerBound..<offset].reduce(into: 1) { $0 += $1 & 0xc0 == 0x80 ? 0 : 1 }
                position = SourcePosition(file: path, line: number, column: column)
                return false
            }
        }
        return Diagnostic(code: code, message, hint: hint, position: position)
    }

    /// Bytes of the well-formed character at an index (Unicode table 3-7) that YAML allows, else 0.
    private static func utf8Width(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let lead = bytes[index]
        let width = lead >= 0xc2 && lead <= 0xdf ? 2 : lead & 0xf0 == 0xe0 ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0
        guard width > 0, index + width <= bytes.count else { return 0 }
        for offset in 1..<width where bytes[index + offset] & 0xc0 != 0x80 { return 0 }
        let second = bytes[index + 1]
        switch lead {
        case 0xc2: return second >= 0xa0 || second == 0x85 ? 2 : 0
        case 0xe0: return second >= 0xa0 ? 3 : 0
        case 0xed: return second <= 0x9f ? 3 : 0
        case 0xef: return second == 0xbf && bytes[index + 2] >= 0xbe ? 0 : 3
        case 0xf0: return second >= 0x90 ? 4 : 0
        case 0xf4: return second <= 0x8f ? 4 : 0
        default: return width
        }
    }
}
