import Testing

@testable import Agent

@Suite struct DebounceTests {
    private let start = ContinuousClock.now
    private var debounce = Debounce(quiet: .milliseconds(200), longest: .seconds(2))

    @Test mutating func waitsForQuiet() {
        #expect(debounce.deadline == nil)
        debounce.signal(start)
        #expect(debounce.deadline == start + .milliseconds(200))
        debounce.signal(start + .milliseconds(150))
        #expect(debounce.deadline == start + .milliseconds(350))
        debounce.settle()
        #expect(debounce.deadline == nil)
    }

    @Test mutating func butNotForever() {
        for step in 0...30 { debounce.signal(start + .milliseconds(step * 100)) }
        #expect(debounce.deadline == start + .seconds(2))
        debounce.settle()
        debounce.signal(start + .seconds(4))
        #expect(debounce.deadline == start + .seconds(4) + .milliseconds(200))
    }
}

@Suite struct ManifestChangesTests {
    private func messages(_ old: ManifestChanges.Contents, _ new: ManifestChanges.Contents) -> [String] {
        ManifestChanges(from: old, to: new).messages { $0 }
    }

    @Test func wording() {
        #expect(messages(["a.yaml": 1], ["a.yaml": 1]).isEmpty)
        #expect(
            messages(["a.yaml": 1, "b.yaml": 1], ["a.yaml": 2, "b.yaml": 2]) == ["2 files changed: a.yaml, b.yaml"])
        #expect(
            messages(["a.yaml": 1, "c.yaml": 1], ["a.yaml": 2, "b.yaml": 2])
                == ["1 file changed: a.yaml", "1 file added: b.yaml", "1 file removed: c.yaml"])
        let many = Dictionary(uniqueKeysWithValues: (1...7).map { ("\($0).yaml", UInt64(1)) })
        #expect(messages([:], many) == ["7 files added: 1.yaml, 2.yaml, 3.yaml, 4.yaml, 5.yaml and 2 more"])
    }
}
