internal import FoundationEssentials

/// Keys and values as etcd's messages have them.
enum EtcdBytes {
    static func of(_ text: String) -> Data { Data(text.utf8) }

    static func of(_ bytes: [UInt8]) -> Data { Data(bytes) }

    /// The first key behind all that begin so: the last byte that can be raised is.
    static func end(ofPrefix prefix: String) -> Data {
        var bytes = Array(prefix.utf8)
        while let last = bytes.popLast() {
            if last < 0xff { return Data(bytes + [last + 1]) }
        }
        return Data([0])
    }
}
