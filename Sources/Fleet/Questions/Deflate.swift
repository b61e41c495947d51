internal import CZlib
import Model

/// What questions and answers are sent as: plans and manifests repeat themselves, and become a tenth (zlib, RFC 1950).
enum Deflate {
    /// Bytes, made smaller.
    static func compressed(_ bytes: [UInt8]) throws(Diagnostic) -> [UInt8] {
        var length = compressBound(uLong(bytes.count))
        var status = Z_OK
        let compressed = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
            status = compress2(
                buffer.baseAddress, &length, bytes, uLong(bytes.count), Z_DEFAULT_COMPRESSION)
            count = status == Z_OK ? Int(length) : 0
        }
        guard status == Z_OK else {
            throw Diagnostic(code: "compression-failed", "zlib cannot compress", cause: "compress2: \(status)")
        }
        return compressed
    }

    /// The bytes that were compressed; `nil` where these are no such, or not exactly as many as was said. No more than
    /// that is ever written, whatever they claim inside.
    static func inflated(_ bytes: [UInt8], size: Int) -> [UInt8]? {
        var length = uLong(size)
        var status = Z_OK
        // One byte at least: an empty buffer has no address.
        let inflated = [UInt8](unsafeUninitializedCapacity: max(1, size)) { buffer, count in
            status = uncompress(buffer.baseAddress, &length, bytes, uLong(bytes.count))
            count = status == Z_OK ? Int(length) : 0
        }
        return status == Z_OK && inflated.count == size ? inflated : nil
    }
}
