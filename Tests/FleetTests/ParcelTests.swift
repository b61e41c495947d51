import Model
import Testing

@testable import Fleet

@Suite("Questions and answers as values of etcd")
struct ParcelTests {
    /// What does not compress: the pieces are as many as its size says.
    private func noise(_ count: Int) -> JSONValue {
        var state: UInt64 = 7
        return .string(
            String(
                decoding: (0..<count).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(0x23 + (state >> 33) % 0x38)
                }, as: UTF8.self))
    }

    @Test("is read back, in as many pieces as it takes, each small enough for etcd")
    func roundTrip() throws {
        for document: JSONValue in [[:], ["a": [1, "ü", nil]], noise(3 << 20)] {
            let parcel = try Parcel(document, limit: Parcel.questionLimit)
            #expect(!parcel.pieces.isEmpty && parcel.pieces.allSatisfy { $0.count <= Parcel.pieceSize })
            #expect(try Parcel.open(parcel.pieces, size: parcel.size, limit: Parcel.questionLimit) == document)
        }
        #expect(try Parcel(noise(3 << 20), limit: Parcel.questionLimit).pieces.count > 3)
        let plans = JSONValue.array(
            Array(repeating: ["object": "link br-front", "actions": ["create"]], count: 20_000))
        let parcel = try Parcel(plans, limit: Parcel.questionLimit)
        #expect(parcel.size > 500_000 && parcel.pieces.count == 1 && parcel.pieces[0].count < 50_000)
    }

    private func code(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? Diagnostic)?.code }
        return nil
    }

    @Test("what is too large or damaged is refused, whatever it says of itself")
    func refused() throws {
        #expect(code { _ = try Parcel(noise(1000), limit: 900) } == "parcel-too-large")
        let parcel = try Parcel(noise(100_000), limit: 1 << 20)
        func open(_ pieces: [[UInt8]], _ size: Int, limit: Int = 1 << 20) -> String? {
            code { _ = try Parcel.open(pieces, size: size, limit: limit) }
        }
        #expect(open(parcel.pieces, parcel.size) == nil)
        #expect(open(parcel.pieces, parcel.size - 1) == "parcel-damaged")
        #expect(open(parcel.pieces, parcel.size + 1) == "parcel-damaged")
        #expect(open(parcel.pieces, parcel.size, limit: 50_000) == "parcel-too-large")
        #expect(open(parcel.pieces, -1) == "parcel-too-large")
        #expect(open([], 0) == "parcel-damaged")
        #expect(open(Array(repeating: [], count: 99), 0) == "parcel-damaged")
        #expect(open([Array(parcel.pieces[0].dropLast(9))], parcel.size) == "parcel-damaged")
        #expect(open([[1, 2, 3]], 3) == "parcel-damaged")
        #expect(open([try Deflate.compressed(Array("no json".utf8))], 7) == "bad-json")
        // A few bytes that would become many are not let out.
        let bomb = try Deflate.compressed(Array(repeating: 0x20, count: 8 << 20))
        #expect(bomb.count < 10_000 && Deflate.inflated(bomb, size: 100) == nil)
    }

    @Test("messages are put together from their pieces, each once, and anew with another life of the agent")
    func assembly() throws {
        let content: JSONValue = ["text": noise(2 << 20)]
        let pieces = try AnswerPiece.all(of: content, "s1", 0, isLast: false)
        #expect(pieces.count > 2)
        var assembly = AnswerAssembly()
        func take(_ piece: AnswerPiece) throws -> Answer? {
            assembly.take(try #require(AnswerPiece(piece.value)), of: "n2")
        }
        for piece in pieces.dropLast().reversed() { #expect(try take(piece) == nil) }
        let answer = try #require(try take(pieces.last!))
        #expect(try answer.content.get() == content && answer.node == "n2" && answer.number == 0 && !answer.isLast)
        for piece in pieces { #expect(try take(piece) == nil, "it was told already") }
        let next = try AnswerPiece.all(of: ["b": 2], "s1", 3, isLast: true)[0]
        #expect(try take(next)?.isLast == true && take(next) == nil)
        // Half of a message, then the agent begins anew.
        #expect(try take(try AnswerPiece.all(of: content, "s1", 4, isLast: true)[0]) == nil)
        #expect(try take(try AnswerPiece.all(of: ["c": 3], "s2", 0, isLast: true)[0])?.stream == "s2")
    }

    @Test("a refusal is one, and a damaged answer too")
    func refusals() throws {
        var assembly = AnswerAssembly()
        func failure(_ piece: AnswerPiece) -> String? {
            guard case .failure(let problem) = assembly.take(piece, of: "n2")?.content else { return nil }
            return problem.code
        }
        let problem = Diagnostic(code: "busy", "it is busy", hint: "wait")
        #expect(failure(try AnswerPiece.all(of: FleetSession.refusal(problem), "s", 0, isLast: true)[0]) == "busy")
        var piece = try AnswerPiece.all(of: ["a": 1], "s", 1, isLast: true)[0]
        piece.size = 1 << 40
        #expect(failure(piece) == "parcel-too-large")
        piece = try AnswerPiece.all(of: ["a": 1], "s", 2, isLast: true)[0]
        piece.bytes.removeLast()
        #expect(failure(piece) == "parcel-damaged")
        (piece.number, piece.pieces) = (3, .max)
        #expect(failure(piece) == "parcel-damaged")
        for text in [
            "", "{}", "{}\n", "no line", #"{"stream":"s","number":1e99,"piece":0,"pieces":1,"size":1}"# + "\n",
        ] {
            #expect(AnswerPiece(Array(text.utf8)) == nil, "\(text)")
        }
    }
}
