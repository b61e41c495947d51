import Foundation
import Testing

@testable import LinuxHost

@Suite struct InotifyEventTests {
    /// As the kernel lays it out.
    private func bytes(_ watch: Int32, _ mask: UInt32, _ name: String?, padding: Int = 0) -> [UInt8] {
        let text = name.map { Array($0.utf8) + [UInt8](repeating: 0, count: padding) } ?? []
        var bytes: [UInt8] = []
        for word in [UInt32(bitPattern: watch), mask, 0, UInt32(text.count)] {
            withUnsafeBytes(of: word) { bytes += $0 }
        }
        return bytes + text
    }

    private func parse(_ bytes: [UInt8]) -> [InotifyEvent] { bytes.withUnsafeBytes(InotifyEvent.parse) }

    @Test func readsOneBehindTheOther() {
        let all =
            bytes(1, InotifyMask.content, "a.yaml", padding: 10) + bytes(2, InotifyMask.itself, nil)
            + bytes(-1, InotifyMask.overflow, nil) + bytes(3, InotifyMask.names, "sixteen-letters.", padding: 16)
        #expect(
            parse(all) == [
                InotifyEvent(watch: 1, mask: InotifyMask.content, name: "a.yaml"),
                InotifyEvent(watch: 2, mask: InotifyMask.itself, name: nil),
                InotifyEvent(watch: -1, mask: InotifyMask.overflow, name: nil),
                InotifyEvent(watch: 3, mask: InotifyMask.names, name: "sixteen-letters."),
            ])
    }

    @Test func whatIsCutOffIsLeftOut() {
        let whole = bytes(1, InotifyMask.content, "a.yaml", padding: 10)
        for count in 0..<whole.count { #expect(parse(Array(whole[..<count])).isEmpty) }
        #expect(parse(whole + whole.dropLast()).count == 1)
        #expect(parse(bytes(1, 1, nil).dropLast(4) + [255, 255, 255, 255, 1]).isEmpty)
    }

    /// An overflow makes all dirty; what lost its watch is looked for anew; others' watches mean nothing.
    @Test func meanings() throws {
        try withTree { tree in
            let watch = try tree.watch()
            let (own, _) = try #require(watch.watches.first { $0.value.interest.isTree })
            func meaning(_ watched: Int32, _ mask: UInt32, _ name: String? = nil) -> WatchInterest.Meaning {
                watch.meaning(of: InotifyEvent(watch: watched, mask: mask, name: name))
            }
            #expect(meaning(-1, InotifyMask.overflow) == .structure)
            #expect(meaning(own, UInt32(IN_UNMOUNT)) == .structure)
            #expect(meaning(own, UInt32(IN_IGNORED)) == .structure)
            #expect(meaning(own + 1000, UInt32(IN_IGNORED)) == .nothing)
            #expect(meaning(own, UInt32(IN_CLOSE_WRITE), "a.yaml") == .content)
            #expect(meaning(own, UInt32(IN_CLOSE_WRITE), "a.txt") == .nothing)
            #expect(meaning(own, UInt32(IN_CREATE) | UInt32(IN_ISDIR), "sub") == .structure)
            #expect(meaning(own, UInt32(IN_CREATE) | UInt32(IN_ISDIR), ".git") == .nothing)
        }
    }
}

@Suite struct RemoteFileSystemTests {
    @Test func localOnesNeedNoPolling() { #expect(RemoteFileSystem.name(of: "/proc") == nil) }

    /// The numbers of linux/magic.h and of statfs(2), also where the C type has a sign.
    @Test(arguments: [
        (0x6969, "nfs"), (0xff53_4d42, "cifs"), (0xff53_4d42 - (1 << 32), "cifs"), (0x6573_5546, "fuse"),
        (0x0102_1997, "9p"), (0x794c_7630, "overlay"), (0xfe53_4d42, "smb2"),
    ])
    func remoteOnesAreNamed(_ type: Int, _ name: String) { #expect(RemoteFileSystem.name(type: type) == name) }

    @Test(arguments: [0xef53, 0x0102_1994, 0x9123_683e, 0x5846_5342])
    func ext4TmpfsBtrfsAndXfsAreNot(_ type: Int) { #expect(RemoteFileSystem.name(type: type) == nil) }
}

@Suite struct OpenForWritingTests {
    @Test func tellsWriters() throws {
        try withTree { tree in
            tree.write("a.yaml")
            let path = tree.at("a.yaml")
            let reader = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(reader) }
            let writer = open(path, O_WRONLY | O_CLOEXEC)
            #expect(OpenForWriting.check(path))
            close(writer)
            tree.awaitClosing("a.yaml")
            #expect(!OpenForWriting.check(path))
            #expect(!OpenForWriting.check(tree.at("none")) && !OpenForWriting.check(tree.path))
        }
    }

    /// Who opens the file at that very moment must not get the process killed by SIGIO.
    @Test func survivesWritersThatCome() throws {
        try withTree { tree in
            tree.write("a.yaml")
            let path = tree.at("a.yaml")
            let writer = Thread {
                for _ in 0..<5000 { close(open(path, O_WRONLY | O_CLOEXEC)) }
            }
            writer.start()
            while !writer.isFinished { _ = OpenForWriting.check(path) }
        }
    }
}
