extension IPAddress: CustomStringConvertible, LosslessStringConvertible {
    /// Reads dotted IPv4 or RFC 4291 IPv6 text; `nil` for anything else, leading zeros and zones included.
    public init?(_ description: String) {
        var text = description
        let parsed = text.withUTF8 { utf8 in
            utf8.contains(UInt8(ascii: ":")) ? Self.parseIPv6(utf8[...]) : Self.parseIPv4(utf8[...])
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Dotted IPv4, or IPv6 as RFC 5952 writes it.
    public var description: String {
        family == .ipv4 ? Self.formatIPv4(UInt32(truncatingIfNeeded: bits)) : formatIPv6()
    }

    private static func formatIPv4(_ value: UInt32) -> String {
        // Digit by digit: a pass writes tens of thousands.
        String(unsafeUninitializedCapacity: 15) { buffer in
            var count = 0
            func put(_ byte: UInt32) {
                buffer[count] = UInt8(truncatingIfNeeded: byte)
                count += 1
            }
            for shift: UInt32 in [24, 16, 8, 0] {
                let octet = value >> shift & 255
                if octet >= 100 { put(48 + octet / 100) }
                if octet >= 10 { put(48 + octet / 10 % 10) }
                put(48 + octet % 10)
                if shift > 0 { put(UInt32(UInt8(ascii: "."))) }
            }
            return count
        }
    }

    private func formatIPv6() -> String {
        if bits >> 32 == 0xffff { return "::ffff:" + Self.formatIPv4(UInt32(truncatingIfNeeded: bits)) }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128((7 - $0) * 16)) }
        var best = 0..<0
        var index = 0
        while index < 8 {
            guard groups[index] == 0 else {
                index += 1
                continue
            }
            let start = index
            while index < 8, groups[index] == 0 { index += 1 }
            if index - start > best.count, index - start > 1 { best = start..<index }
        }
        func text(_ slice: ArraySlice<UInt16>) -> String {
            slice.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return text(groups[...]) }
        return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
    }

    private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    private static func parseIPv4(_ utf8: Bytes) -> IPAddress? {
        var bits: UInt32 = 0
        var octets = 0
        for part in utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard let octet = decimalOctet(part), octets < 4 else { return nil }
            bits = bits << 8 | octet
            octets += 1
        }
        return octets == 4 ? IPAddress(v4: bits) : nil
    }

    private static func decimalOctet(_ digits: Bytes) -> UInt32? {
        guard (1...3).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        var value: UInt32 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + UInt32(digit - UInt8(ascii: "0"))
        }
        return value <= 255 ? value : nil
    }

    private static func parseIPv6(_ utf8: Bytes) -> IPAddress? {
        var groups: [UInt16] = []
        var gap: Int?
        var rest = utf8
        if rest.starts(with: [58, 58]) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
            let part = rest[..<end]
            if end == rest.endIndex, part.contains(UInt8(ascii: ".")) {
                guard let tail = parseIPv4(part) else { return nil }
                groups += [UInt16(truncatingIfNeeded: tail.bits >> 16), UInt16(truncatingIfNeeded: tail.bits)]
                break
            }
            guard let group = hexGroup(part), groups.count < 8 else { return nil }
            groups.append(group)
            rest = rest[end...].dropFirst()
            if end == utf8.endIndex { break }
            if rest.first == UInt8(ascii: ":") {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        guard gap == nil ? groups.count == 8 : groups.count < 8 else { return nil }
        let zeros = [UInt16](repeating: 0, count: 8 - groups.count)
        groups.insert(contentsOf: zeros, at: gap ?? 0)
        return IPAddress(family: .ipv6, bits: groups.reduce(0) { $0 << 16 | UInt128($1) })
    }

    private static func hexGroup(_ digits: Bytes) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt16 = 0
        for digit in digits {
            switch digit {
            case 48...57: value = value << 4 | UInt16(digit - 48)
            case 65...70: value = value << 4 | UInt16(digit - 55)
            case 97...102: value = value << 4 | UInt16(digit - 87)
            default: return nil
            }
        }
        return value
    }
}
