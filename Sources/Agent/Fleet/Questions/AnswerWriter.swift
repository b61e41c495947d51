import Fleet
import Model

/// Writes the messages of one answer, one after the other.
struct AnswerWriter: Sendable {
    private let session: FleetSession
    private let question: Question
    private let stream = String(UInt64.random(in: .min ... .max), radix: 36)
    private var number = 0

    init(_ session: FleetSession, _ question: Question) {
        self.session = session
        self.question = question
    }

    /// Writes a message, and tries on while etcd is away; throws where nobody wants it any more, or where it is too large.
    ///
    /// - Parameter isLive: it takes the place of the live message before it, so that what goes on for hours leaves no more
    ///   than one. Who follows hears of each.
    mutating func write(_ content: JSONValue, isLast: Bool = false, isLive: Bool = false) async throws(Diagnostic) {
        let place = isLive ? "live" : String(number)
        while true {
            do throws(Diagnostic) {
                try await session.answer(
                    question, content, stream: stream, number: number, place: place, isLast: isLast)
                number += 1
                return
            } catch {
                if Task.isCancelled || [EtcdCode.leaseLost, "parcel-too-large"].contains(error.code) { throw error }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
