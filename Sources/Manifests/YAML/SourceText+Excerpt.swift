import Model

extension SourceText {
    /// Lines longer than this are cut in excerpts.
    private static let longestLine = 200

    /// Gives each diagnostic of this file the line that it points into. A length that is set already is kept; else the
    /// token at the position is underlined.
    func addExcerpts(to diagnostics: inout [Diagnostic]) {
        let wanted = Set(diagnostics.compactMap { $0.position?.file == path ? $0.position?.line : nil })
        guard let last = wanted.max(), !isUTF16 else { return }
        var lines: [Int: String] = [:]
        bytes.withUnsafeBufferPointer { bytes in
            Self.forEachLine(bytes, from: start, number: 1) { number, range in
                if wanted.contains(number) { lines[number] = Self.printable(bytes[range]) }
                return number < last
            }
        }
        for index in diagnostics.indices {
            guard let position = diagnostics[index].position, position.file == path, let line = lines[position.line]
            else { continue }
            let room = line.count - position.column + 1
            guard room > 0 || line.count < Self.longestLine else {
                diagnostics[index].excerpt = nil
                continue
            }
            let length = diagnostics[index].excerpt?.length ?? Self.tokenLength(line, column: position.column)
            diagnostics[index].excerpt = .init(line: line, length: max(1, min(length, room)))
        }
    }

    /// A line for terminals: control characters, which a broken file may hold, are replaced, and long lines are cut.
    private static func printable(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        let cut = bytes.count > longestLine * 4 ? bytes.prefix(longestLine * 4) : bytes
        let line = String(decoding: UnsafeBufferPointer(rebasing: cut), as: UTF8.self)
        let safe = String(String.UnicodeScalarView(line.unicodeScalars.map { isControl($0) ? "\u{fffd}" : $0 }))
        return safe.count > longestLine ? String(safe.prefix(longestLine)) + "…" : safe
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\t") || (0x7f...0x9f).contains(scalar.value)
    }

    private static func tokenLength(_ line: String, column: Int) -> Int {
        let rest = line.dropFirst(column - 1)
        guard let first = rest.first else { return 1 }
        if first == "\"" || first == "'" {
            let closing = rest.dropFirst().firstIndex(of: first)
            return closing.map { rest.distance(from: rest.startIndex, to: $0) + 1 } ?? rest.count
        }
        let closings: [Character: Character] = ["{": "}", "[": "]"]
        if let end = closings[first], let closing = rest.firstIndex(of: end) {
            return rest.distance(from: rest.startIndex, to: closing) + 1
        }
        let end = rest.firstIndex { character in " \t,]}".contains(character) } ?? rest.endIndex
        let token = rest[..<end]
        return token.hasSuffix(":") ? token.count - 1 : token.count
    }
}
