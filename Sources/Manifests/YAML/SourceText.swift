/// The bytes of a manifest, for the lines that diagnostics show.
struct SourceText: Sendable {
    /// The path as the user would write it.
    let path: String
    /// As read.
    let bytes: [UInt8]

    /// Where the text begins: behind a byte order mark.
    var start: Int { bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0 }

    /// The length of the line break at a byte, 0 for none. YAML 1.1 has five: LF, CR, CRLF, NEL, LS and PS.
    @inline(__always)
    static func lineBreak(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        switch bytes[index] {
        case 0x0a: return 1
        case 0x0d: return index + 1 < bytes.count && bytes[index + 1] == 0x0a ? 2 : 1
        case 0xc2: return index + 1 < bytes.count && bytes[index + 1] == 0x85 ? 2 : 0
        case 0xe2:
            guard index + 2 < bytes.count, bytes[index + 1] == 0x80 else { return 0 }
            return bytes[index + 2] == 0xa8 || bytes[index + 2] == 0xa9 ? 3 : 0
        default: return 0
        }
    }

    /// Calls `body` with each line's number (from 1) and bytes, from a byte that begins a line, until it returns false.
    static func forEachLine(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, number first: Int, _ body: (Int, Range<Int>) -> Bool
    ) {
        var number = first
        var begin = start
        var index = start
        while index < bytes.count {
            let width = lineBreak(bytes, at: index)
            guard width > 0 else {
                index += 1
                continue
            }
            guard body(number, begin..<index) else { return }
            index += width
            begin = index
            number += 1
        }
        if begin <= bytes.count { _ = body(number, begin..<bytes.count) }
    }
}
