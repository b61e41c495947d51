import Model

/// Puts the pieces of answers together, each message once. Pure.
struct AnswerAssembly: Sendable {
    private struct Stream {
        let name: String
        /// The last message that was whole.
        var done = -1
        /// That of which pieces are there.
        var number = -1
        var pieces: [Int: [UInt8]] = [:]
    }

    private var streams: [String: Stream] = [:]

    /// Takes a node's piece; answers with the message that it completes.
    mutating func take(_ piece: AnswerPiece, of node: String) -> Answer? {
        var stream = streams[node] ?? Stream(name: piece.stream)
        if stream.name != piece.stream { stream = Stream(name: piece.stream) }
        defer { streams[node] = stream }
        guard piece.number > stream.done else { return nil }
        func answer(_ content: Result<JSONValue, Diagnostic>) -> Answer {
            stream.done = piece.number
            stream.pieces = [:]
            return Answer(
                node: node, stream: piece.stream, number: piece.number, isLast: piece.isLast, content: content)
        }
        do throws(Diagnostic) {
            try Parcel.check(size: piece.size, pieces: piece.pieces, limit: Parcel.answerLimit)
            if stream.number != piece.number { (stream.number, stream.pieces) = (piece.number, [:]) }
            guard (0..<piece.pieces).contains(piece.piece) else { return nil }
            stream.pieces[piece.piece] = piece.bytes
            let present = (0..<piece.pieces).compactMap { stream.pieces[$0] }
            guard present.count == piece.pieces else { return nil }
            let json = try Parcel.open(present, size: piece.size, limit: Parcel.answerLimit)
            return answer(Refusal.of(json).map { .failure($0) } ?? .success(json))
        } catch {
            return answer(.failure(error))
        }
    }
}

/// How a node says that it does not answer, and why.
enum Refusal {
    static func json(_ problem: Diagnostic) -> JSONValue { ["refused": problem.json] }

    static func of(_ json: JSONValue) -> Diagnostic? { json["refused"].flatMap { Diagnostic(json: $0) } }
}
