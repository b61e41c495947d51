import Model
import Testing

@testable import Containers

@Suite struct NameServerNoteTests {
    @Test func whatIsWrittenIsReadBack() throws {
        let address = try #require(IPAddress("fd00:20::1"))
        let note = NameServerNote(
            process: ProcessIdentity(pid: 42, startTime: 9_876_543), files: ["front": "10.20.0.1\nweb \"x\"\n"],
            upstream: ["192.0.2.53", "fe80::1%eth0"], sockets: [IPAddress(v4: 0x0a14_0001): 17, address: 4_000_000_000])
        let read = try #require(NameServerNote(text: note.text))
        #expect(read.process == note.process && read.files == note.files)
        #expect(read.upstream == note.upstream && read.sockets == note.sockets)
        #expect(note.text.filter { $0 == "\n" }.count == 1)
    }

    @Test(arguments: [
        "", "{}", #"{"pid":1}"#, #"{"pid":1,"started":2}"#, #"{"pid":99999999999,"started":2,"files":{}}"#,
        #"{"pid":1,"started":2,"files":{},"sockets":{"front":3}}"#,
        #"{"pid":1,"started":2,"files":{},"sockets":{"10.0.0.1":-3}}"#,
    ])
    func whatOthersWroteIsNoNote(_ text: String) { #expect(NameServerNote(text: text) == nil) }
}
