import CLinux
import Model

/// Builds one message: fixed fields first, then attributes (`struct nlattr` of `linux/netlink.h`).
///
/// Each attribute is padded to 4 bytes; a nested one gets its length when its closure returns.
public struct MessageWriter: Hashable, Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []

    /// An empty writer.
    public init() { bytes.reserveCapacity(128) }

    // MARK: Fixed fields

    /// Appends an integer in host order, without padding.
    public mutating func field<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    /// Appends bytes as they are, without padding.
    public mutating func field(bytes more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Appends `count` zero bytes.
    public mutating func zeros(_ count: Int) {
        for _ in 0..<count { bytes.append(0) }
    }

    mutating func patch<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
    }

    // MARK: Attributes

    private mutating func header(_ type: Int, payload length: Int) {
        field(UInt16(truncatingIfNeeded: RawSpan.attributeHeader + length))
        field(UInt16(truncatingIfNeeded: type))
    }

    private mutating func pad() { zeros(netlinkAlign(bytes.count) - bytes.count) }

    /// An attribute that holds one integer in host order.
    public mutating func attribute<Value: FixedWidthInteger>(_ type: Int, _ value: Value) {
        header(type, payload: MemoryLayout<Value>.size)
        field(value)
        pad()
    }

    /// An attribute that holds one integer in network order.
    public mutating func attribute<Value: FixedWidthInteger>(_ type: Int, bigEndian value: Value) {
        attribute(type, value.bigEndian)
    }

    /// An attribute that holds bytes. The kernel's lengths are 16 bits: what exceeds them is cut off.
    public mutating func attribute(_ type: Int, bytes payload: some Collection<UInt8>) {
        let payload = payload.prefix(Int(UInt16.max) - RawSpan.attributeHeader)
        header(type, payload: payload.count)
        field(bytes: payload)
        pad()
    }

    /// An attribute that holds text and the NUL that the kernel expects after it.
    public mutating func attribute(_ type: Int, string: String) {
        attribute(type, bytes: Array(string.utf8) + [0])
    }

    /// An attribute that holds an address in network order.
    public mutating func attribute(_ type: Int, _ address: IPAddress) { attribute(type, bytes: address.bytes) }

    /// An attribute that holds a link-layer address.
    public mutating func attribute(_ type: Int, _ address: MACAddress) { attribute(type, bytes: address.bytes) }

    /// An attribute that is true by being there.
    public mutating func flag(_ type: Int) { header(type, payload: 0) }

    /// An attribute that holds attributes, marked `NLA_F_NESTED`: some parsers demand the mark, none mind it.
    public mutating func nested(_ type: Int, _ body: (inout MessageWriter) -> Void) {
        let start = bytes.count
        header(type | Int(NLA_F_NESTED), payload: 0)
        body(&self)
        patch(UInt16(truncatingIfNeeded: bytes.count - start), at: start)
    }
}
