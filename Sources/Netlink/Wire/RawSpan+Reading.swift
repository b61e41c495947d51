import Model

/// Bounds-checked readers. Netlink pads to 4 bytes, so wider fields may lie unaligned; `nil` means "too short".
extension RawSpan {
    @inline(__always)
    private func load<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value? {
        guard offset >= 0, byteCount - offset >= MemoryLayout<Value>.size else { return nil }
        return unsafeLoadUnaligned(fromByteOffset: offset, as: type)
    }

    /// One byte.
    public func u8(at offset: Int = 0) -> UInt8? { load(at: offset, as: UInt8.self) }
    /// Two bytes in host order.
    public func u16(at offset: Int = 0) -> UInt16? { load(at: offset, as: UInt16.self) }
    /// Four bytes in host order.
    public func u32(at offset: Int = 0) -> UInt32? { load(at: offset, as: UInt32.self) }
    /// Four bytes in host order, signed.
    public func i32(at offset: Int = 0) -> Int32? { load(at: offset, as: Int32.self) }
    /// Eight bytes in host order.
    public func u64(at offset: Int = 0) -> UInt64? { load(at: offset, as: UInt64.self) }
    /// Two bytes in network order.
    public func be16(at offset: Int = 0) -> UInt16? { load(at: offset, as: UInt16.self).map(UInt16.init(bigEndian:)) }
    /// Four bytes in network order.
    public func be32(at offset: Int = 0) -> UInt32? { load(at: offset, as: UInt32.self).map(UInt32.init(bigEndian:)) }

    /// Text up to the first NUL or the end; what is not UTF-8 is replaced.
    public var string: String {
        withUnsafeBytes { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// An address that fills the whole span: 4 or 16 bytes in network order.
    public var address: IPAddress? {
        switch byteCount {
        case 4: return be32().map(IPAddress.init(v4:))
        case 16: return address(at: 0, family: .ipv6)
        default: return nil
        }
    }

    /// An address of `family` at `offset`.
    public func address(at offset: Int, family: IPAddress.Family) -> IPAddress? {
        switch family {
        case .ipv4: be32(at: offset).map(IPAddress.init(v4:))
        case .ipv6:
            load(at: offset, as: UInt128.self).map { IPAddress(family: .ipv6, bits: UInt128(bigEndian: $0)) }
        }
    }

    /// A link-layer address that fills the whole span: 6 bytes.
    public var macAddress: MACAddress? {
        guard byteCount == 6, let high = be32(), let low = be16(at: 4) else { return nil }
        return MACAddress(bits: UInt64(high) << 16 | UInt64(low))
    }
}
