import Model

/// A piece of an answer as a value of etcd: a line of JSON that says of what it is a piece, then its bytes.
struct AnswerPiece: Hashable, Sendable {
    /// Bytes of the line, at most.
    private static let lineLimit = 1024

    var stream: String
    /// Which message.
    var number: Int
    /// Which piece of it, from 0, and of how many.
    var piece: Int
    var pieces: Int
    /// Bytes of the message's text.
    var size: Int
    var isLast: Bool
    var bytes: [UInt8]

    /// The pieces of a message.
    static func all(of content: JSONValue, _ stream: String, _ number: Int, isLast: Bool) throws(Diagnostic)
        -> [AnswerPiece]
    {
        let parcel = try Parcel(content, limit: Parcel.answerLimit)
        return parcel.pieces.enumerated().map { index, bytes in
            AnswerPiece(
                stream: stream, number: number, piece: index, pieces: parcel.pieces.count, size: parcel.size,
                isLast: isLast, bytes: bytes)
        }
    }
}

extension AnswerPiece {
    /// `nil` for what is none.
    init?(_ value: [UInt8]) {
        guard let end = value.prefix(Self.lineLimit).firstIndex(of: UInt8(ascii: "\n")),
            let json = try? JSONValue(parsing: value[..<end]), let stream = json["stream"]?.string,
            let number = json["number"]?.int.flatMap({ Int(exactly: $0) }),
            let piece = json["piece"]?.int.flatMap({ Int(exactly: $0) }),
            let pieces = json["pieces"]?.int.flatMap({ Int(exactly: $0) }),
            let size = json["size"]?.int.flatMap({ Int(exactly: $0) })
        else { return nil }
        self.init(
            stream: stream, number: number, piece: piece, pieces: pieces, size: size,
            isLast: json["last"]?.bool ?? false, bytes: Array(value[(end + 1)...]))
    }

    /// The value in etcd.
    var value: [UInt8] {
        let line: JSONValue = [
            "version": 1, "stream": .string(stream), "number": .int(Int64(number)), "piece": .int(Int64(piece)),
            "pieces": .int(Int64(pieces)), "size": .int(Int64(size)), "last": .bool(isLast),
        ]
        return Array(line.text().utf8) + [UInt8(ascii: "\n")] + bytes
    }
}
