import Model
import Testing

@Suite struct ProcessEndTests {
    @Test(
        arguments: [
            (0, false, "exited with code 0"), (3, false, "exited with code 3"),
            (137, false, "exited with code 137 (SIGKILL)"),
            (143, false, "exited with code 143 (SIGTERM)"),
            (137, true, "exited with code 137 (SIGKILL, out of memory)"),
            // Something else of the container was killed.
            (1, true, "exited with code 1"), (128, false, "exited with code 128"), (255, false, "exited with code 255"),
            (nil, false, "ended, and nobody was there to see how"),
        ] as [(Int?, Bool, String)])
    func inWords(_ code: Int?, _ isOutOfMemory: Bool, _ words: String) {
        let end = ProcessEnd(exitCode: code, isOutOfMemory: isOutOfMemory)
        #expect(end.description == words && end.isSuccess == (code == 0))
    }

    @Test func unitsForPeople() {
        #expect(FieldUnit.bytes.text(0) == "0B" && FieldUnit.bytes.text(1 << 40) == "1Ti")
        #expect(FieldUnit.bytes.text(3 << 29) == "1536Mi" && FieldUnit.bytes.text(1023) == "1023B")
        #expect(FieldUnit.milliseconds.text(0) == "0s" && FieldUnit.milliseconds.text(1500) == "1s500ms")
        #expect(FieldUnit.milliseconds.text(90_061_001) == "1d1h1m1s1ms")
        #expect(FieldUnit.thousandths.text(1) == "0.001" && FieldUnit.thousandths.text(1250) == "1.25")
        #expect(FieldUnit.thousandths.text(4000) == "4")
    }

    @Test func largeCountsAreExact() {
        #expect(JSONValue.count(7) == 7)
        #expect(JSONValue.count((UInt128(1) << 64) - 2).text() == "18446744073709551614")
    }

    @Test func signalsHaveNames() {
        #expect(Signals.name(9) == "SIGKILL" && Signals.name(15) == "SIGTERM" && Signals.name(34) == nil)
    }

    @Test func whatARoutedNetworkOpens() {
        let element = FirewallElement(name: "open6 fd00:20::2 . tcp . 80")
        #expect(element?.opened?.address == IPAddress("fd00:20::2") && element?.opened?.port == 80)
        #expect(element?.opened?.transport == .tcp && FirewallElement(name: "port 8080/tcp")?.opened == nil)
    }
}
