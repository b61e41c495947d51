import Model

/// A JSON document as values of etcd: compressed, and in pieces, since etcd takes 1.5 MiB a request at most
/// (`--max-request-bytes`).
struct Parcel: Hashable, Sendable {
    /// Bytes of a piece, at most.
    static let pieceSize = 512 << 10
    /// Bytes of a question's text, at most: thousands of manifests. Whoever is asked has to hold it.
    static let questionLimit = 8 << 20
    /// Bytes of an answer's text, at most.
    static let answerLimit = 32 << 20

    /// Bytes of the text.
    let size: Int
    /// The pieces in their order, at least one.
    let pieces: [[UInt8]]

    /// Packs a document; throws where its text has more than `limit` bytes.
    init(_ json: JSONValue, limit: Int) throws(Diagnostic) {
        let text = Array(json.text().utf8)
        guard text.count <= limit else { throw Self.tooLarge(text.count, limit) }
        let bytes = try Deflate.compressed(text)
        size = text.count
        pieces = stride(from: 0, to: bytes.count, by: Self.pieceSize).map { start in
            Array(bytes[start..<min(start + Self.pieceSize, bytes.count)])
        }
    }

    /// Whether pieces may be what they say; asked before any of them is fetched.
    static func check(size: Int, pieces: Int, limit: Int) throws(Diagnostic) {
        guard (0...limit).contains(size) else { throw tooLarge(size, limit) }
        // What cannot be compressed grows by less than a piece.
        guard (1...(limit / pieceSize + 1)).contains(pieces) else {
            throw Diagnostic(code: "parcel-damaged", "\(pieces) pieces are none or too many")
        }
    }

    /// The document of all pieces in their order.
    static func open(_ pieces: [[UInt8]], size: Int, limit: Int) throws(Diagnostic) -> JSONValue {
        try check(size: size, pieces: pieces.count, limit: limit)
        guard let text = Deflate.inflated(Array(pieces.joined()), size: size) else {
            throw Diagnostic(code: "parcel-damaged", "what was sent is not whole")
        }
        return try JSONValue(parsing: text)
    }

    private static func tooLarge(_ size: Int, _ limit: Int) -> Diagnostic {
        Diagnostic(
            code: "parcel-too-large", "\(size) bytes are more than the \(limit >> 20) MiB that can be sent at once")
    }
}
