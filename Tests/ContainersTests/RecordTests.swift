import Model
import Testing

@testable import Containers

@Suite struct RecordTests {
    @Test func recordComesBackToTheByte() throws {
        let record = ContainerRecord(
            process: ProcessIdentity(pid: 17, startTime: 99), conmon: ProcessIdentity(pid: 16, startTime: 98),
            startedAt: 1_700_000_000_123, image: "sha256:ab", spec: "{\"a\": 1}\nsecond line\n")
        #expect(ContainerRecord(bytes: Array(record.text.utf8)) == record)
    }

    @Test(arguments: ["", "1 2 3", "2 1 1 1 1 1\nx\ny", "1 1 1 1 1\nx\ny", "1 a 1 1 1 1\nx\ny"])
    func otherFormsAreHalfMade(_ text: String) {
        #expect(ContainerRecord(bytes: Array(text.utf8)) == nil)
    }

    @Test func logLines() throws {
        let line = try #require(LogLine("2026-11-24T00:06:07.560744000+00:00 stderr F a b  c"))
        #expect(line.stream == .stderr)
        #expect(line.output == "a b  c\n")
        let part = try #require(LogLine("2026-11-24T00:06:07.560744000+00:00 stdout P half"))
        #expect(part.output == "half")
        #expect(LogLine("2026-11-24T00:06:07+00:00 stdout F ")?.output == "\n")
        #expect(LogLine("nonsense") == nil)
        #expect(LogLine("time other F x") == nil)
    }

    @Test func runtimesWords() {
        let crun = "executable file `x` not found in $PATH: No such file or directory"
        #expect(Conmon.plain(crun + "\n") == crun)
        let runc = "time=\"2026-11-24T00:00:00Z\" level=error msg=\"runc create failed: exec: \\\"x\\\": not found\"\n"
        #expect(Conmon.plain(runc) == "runc create failed: exec: \"x\": not found")
    }
}
