import Model

/// A member that is asked.
extension FleetSession {
    /// What a question is about; throws for one that is too large, or damaged.
    public func body(of question: Question) async throws(Diagnostic) -> JSONValue {
        try Parcel.check(size: question.size, pieces: question.pieces, limit: Parcel.questionLimit)
        var pieces: [[UInt8]] = []
        for number in 0..<question.pieces {
            guard let item = try await client.get(keys.body(question.id, number)) else {
                throw Diagnostic(code: "parcel-damaged", "a piece of the question is not there")
            }
            pieces.append(item.value)
        }
        return try Parcel.open(pieces, size: question.size, limit: Parcel.questionLimit)
    }

    /// Writes a message, bound to the lease of who asked: where that is over it throws ``EtcdCode/leaseLost``.
    ///
    /// - Parameters:
    ///   - stream: the same for all messages of this answer, and different from those of an earlier life.
    ///   - place: a later message in the same place takes this one's place.
    public func answer(
        _ question: Question, _ content: JSONValue, stream: String, number: Int, place: String, isLast: Bool
    ) async throws(Diagnostic) {
        let pieces = try AnswerPiece.all(of: content, stream, number, isLast: isLast)
        for piece in pieces {
            let key = keys.answer(question.id, membership.node, place, piece.piece)
            try await client.put(key, piece.value, lease: question.lease)
        }
    }

    /// What is written where a question is not answered.
    public static func refusal(_ problem: Diagnostic) -> JSONValue { Refusal.json(problem) }
}
