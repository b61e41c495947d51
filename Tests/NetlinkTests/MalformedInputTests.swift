import CLinux
import Testing

@testable import Netlink

/// Whatever the bytes, nothing may crash, hang or read outside them.
@Suite struct MalformedInputTests {
    /// xorshift64*, so that a failure repeats.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return state &* 0x2545_f491_4f6c_dd1d
        }
    }

    /// Reads bytes as everything there is; the count keeps the work from being optimized away.
    private func readAsEverything(_ bytes: [UInt8]) -> Int {
        Captures.read(bytes) { span in
            var count = 0
            if LinkMessage(span) != nil { count += 1 }
            if AddressMessage(span) != nil { count += 1 }
            if RouteMessage(span) != nil { count += 1 }
            if NeighbourMessage(span) != nil { count += 1 }
            if NamespaceIDMessage(span) != nil { count += 1 }
            if ConntrackMessage(span) != nil { count += 1 }
            if SocketMessage(span) != nil { count += 1 }
            span.forEachMessage { header, payload in
                count += 1
                if ExtendedAck(header, payload) != nil { count += 1 }
                if RouteEvent(header, payload) != nil { count += 1 }
            }
            return count
        }
    }

    @Test func everyTruncationIsRead() {
        var count = 0
        for capture in Captures.all {
            for length in 0...capture.count { count += readAsEverything(Array(capture[..<length])) }
        }
        #expect(count > 0)
    }

    @Test func captureSurvivesChangedBytes() {
        var numbers = Numbers(state: 0x7263)
        for capture in Captures.all {
            for _ in 0..<200 {
                var bytes = capture
                for _ in 0..<4 { bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = numbers.next8() }
                _ = readAsEverything(bytes)
            }
        }
    }

    @Test func randomBytesAreRead() {
        var numbers = Numbers(state: 82)
        for _ in 0..<3_000 {
            let length = Int.random(in: 0...300, using: &numbers)
            _ = readAsEverything((0..<length).map { _ in numbers.next8() })
        }
    }

    @Test func randomAnswersAreRead() throws {
        var numbers = Numbers(state: 4)
        let types = [
            Int(NLMSG_ERROR), Int(NLMSG_DONE), Int(RTM_NEWLINK), Int(RTM_DELROUTE), Int(RTM_NEWADDR), Int(RTM_NEWNEIGH),
            Int(RTM_NEWNSID),
        ]
        for round in 0..<3_000 {
            let length = Int.random(in: 0...120, using: &numbers)
            let flags = Int32(truncatingIfNeeded: numbers.next() & 0xffff)
            let request = NetlinkRequest(type: types[round % types.count], flags: flags, summary: "") { writer in
                // Small lengths, so that many attributes are taken for real.
                for _ in 0..<length { writer.field(UInt8(truncatingIfNeeded: numbers.next() % 24)) }
            }
            _ = readAsEverything(request.bytes)
        }
    }

    @Test func nestedAttributesOfLengthZeroEnd() {
        let link = [UInt8](repeating: 0, count: 16) + Captures.bytes("0c00 1280 0000 0000 0000 0000")
        #expect(readAsEverything(link) > 0)
    }
}

extension RandomNumberGenerator {
    fileprivate mutating func next8() -> UInt8 { UInt8(truncatingIfNeeded: next()) }
}
