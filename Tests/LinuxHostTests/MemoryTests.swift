import Foundation
import Model
import Testing

@testable import LinuxHost

@Suite struct MemoryTests {
    @Test func comesBackAndGoes() throws {
        try withDirectory { directory in
            let file = MemoryFile(directory: directory + "/a/b", name: "x.json")
            #expect(file.read() == nil)
            try file.write(nil)
            let value: JSONValue = ["a": [1, "é\n"], "b": nil]
            try file.write(value)
            #expect(file.read() == value)
            try file.write(["c": 1])
            #expect(file.read() == ["c": 1])
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/a/b") == ["x.json"])
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            try file.write(nil)
            #expect(file.read() == nil)
        }
    }

    @Test func whatKilledWritersLeftIsRemoved() throws {
        try withDirectory { directory in
            let names = ["x.json", "x.json.\(getpid()).tmp", "x.json.999999999.tmp", "y.tmp", "z.json.999999999"]
            for name in names { try Data().write(to: URL(filePath: "\(directory)/\(name)")) }
            MemoryFile.removeAbandoned(in: directory)
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(Set(left) == Set(names).subtracting(["x.json.999999999.tmp"]))
            MemoryFile.removeAbandoned(in: directory + "/missing")
        }
    }

    /// What cannot be read is as if it were lost; it never stops anything.
    @Test(arguments: ["", "{", "not json", "\u{0}"])
    func brokenIsLost(_ text: String) throws {
        try withDirectory { directory in
            let file = MemoryFile(directory: directory, name: "x.json")
            try Data(text.utf8).write(to: URL(filePath: file.path))
            #expect(file.read() == nil)
            let memory = SysctlMemory(dataDirectory: directory, set: "default")
            #expect(memory.entries().isEmpty)
        }
    }

    @Test func whereItCannotBeWritten() throws {
        try withDirectory { directory in
            try Data().write(to: URL(filePath: directory + "/file"))
            let file = MemoryFile(directory: directory + "/file/below", name: "x.json")
            #expect(throws: Diagnostic.self) { try file.write([:]) }
            #expect(file.read() == nil)
        }
    }
}

@Suite struct SysctlMemoryTests {
    private let path = "net/ipv4/conf/eth0/forwarding"

    @Test func theFirstValueIsKept() throws {
        try withDirectory { directory in
            let memory = SysctlMemory(dataDirectory: directory, set: "default")
            try memory.remember([path: "0"])
            try memory.remember([path: "1"])
            try memory.remember([:])
            #expect(memory.original(path) == "0" && memory.ours() == [path])
            #expect(memory.entries() == [path: .init(original: "0", sets: ["default"])])
            try memory.forget([path])
            #expect(memory.original(path) == nil && memory.ours().isEmpty)
        }
    }

    /// The value goes back only when the last set that needed the change is gone.
    @Test func setsShareAChange() throws {
        try withDirectory { directory in
            let one = SysctlMemory(dataDirectory: directory, set: "one")
            let two = SysctlMemory(dataDirectory: directory, set: "two")
            try one.remember([path: "0"])
            try two.remember([path: "1"])
            #expect(one.original(path) == nil && two.original(path) == nil)
            try one.forget([path])
            #expect(one.ours().isEmpty && two.ours() == [path] && two.original(path) == "0")
            try two.forget([path, "never/changed"])
            #expect(two.entries().isEmpty)
        }
    }

    /// What a set found as it wants it is noted only where another one made it so.
    @Test func whatAnotherSetMadeIsShared() throws {
        try withDirectory { directory in
            let one = SysctlMemory(dataDirectory: directory, set: "one")
            let two = SysctlMemory(dataDirectory: directory, set: "two")
            try one.remember([path: "0"])
            try two.share([path, "never/changed"])
            #expect(two.ours() == [path] && one.original(path) == nil)
            try one.forget([path])
            #expect(two.entries() == [path: .init(original: "0", sets: ["two"])])
        }
    }

    /// Passes of two sets note and forget at the same time: nothing of either is lost.
    @Test func setsDoNotOvertakeEachOther() throws {
        try withDirectory { directory in
            let sets = ["one", "two"]
            DispatchQueue.concurrentPerform(iterations: 2) { index in
                let memory = SysctlMemory(dataDirectory: directory, set: sets[index])
                for number in 0..<50 {
                    try? memory.remember(["\(sets[index])/\(number)": "0", path: "0"])
                    if number % 2 == 1 { try? memory.forget(["\(sets[index])/\(number)"]) }
                }
            }
            let entries = SysctlMemory(dataDirectory: directory, set: "one").entries()
            #expect(entries.count == 51 && entries[path]?.sets == Set(sets), "\(entries.count)")
        }
    }
}
