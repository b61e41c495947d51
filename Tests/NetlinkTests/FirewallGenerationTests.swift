import Testing

@testable import Netlink

@Suite struct FirewallGenerationTests {
    @Test func asksAsTheKernelExpects() {
        let bytes = FirewallGeneration.request.bytes
        #expect(bytes == [20, 0, 0, 0, 16, 10, 1, 0] + [UInt8](repeating: 0, count: 12))
    }

    @Test func readsTheAnswer() {
        let answer = Captures.bytes(
            """
            300000000f0a0000070000002537000000000002080001000000000208000200000037250c000300707974686f6e3300
            """)
        #expect(generation(answer) == 2)
    }

    @Test func anotherMessageIsNoAnswer() {
        let rule = Captures.bytes("1c000000060a0000070000002537000000000002080001000000000a")
        #expect(generation(rule) == nil)
    }

    private func generation(_ message: [UInt8]) -> UInt32? {
        var generation: UInt32?
        Captures.read(message) { $0.forEachMessage { generation = FirewallGeneration.read($0, $1) } }
        return generation
    }
}
