import Model
import Testing

@testable import Containers

@Suite struct NameServerMemoryTests {
    private let text = "10.0.0.1\nweb 10.0.0.2  web,www\n"

    @Test func whatIsOtherThanItWasIsReadAnew() throws {
        let memory = NameServerMemory()
        #expect(memory.zone("front", text)?.entries["web"]?.aliases == ["www"])
        #expect(memory.names("front", text).map(\.id) == [.name("web", on: "front")])
        let changed = text.replacing("www", with: "api")
        #expect(memory.zone("front", changed)?.entries["web"]?.aliases == ["api"])
        #expect(memory.names("front", changed).first?.list(.aliases) == ["api"])
        #expect(memory.names("front", text).first?.list(.aliases) == ["www"])
        // The same words on another network are another's names.
        #expect(memory.names("back", text).map(\.id) == [.name("web", on: "back")])
        #expect(memory.zone("front", "nonsense") == nil && memory.names("front", "nonsense").isEmpty)
    }

    @Test func whatWasWrittenNeedsNotBeRead() throws {
        let memory = NameServerMemory()
        let zone = try #require(NameZone(text: text))
        memory.keep("front", zone.text, zone)
        #expect(memory.zone("front", zone.text) == zone && memory.names("front", zone.text).count == 1)
        memory.forget(but: ["back"])
        #expect(memory.zone("front", zone.text) == zone)
    }

    @Test func aNoteIsReadByItsText() {
        let memory = NameServerMemory()
        let note = NameServerNote(
            process: ProcessIdentity(pid: 7, startTime: 9), files: ["front": text], upstream: [], sockets: [:])
        #expect(memory.note(.names, note.text)?.files == ["front": text])
        #expect(memory.note(.names, "{}") == nil)
        #expect(memory.note(.names, note.text)?.process.pid == 7)
    }
}
