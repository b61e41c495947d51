import Foundation
import Testing

@testable import LinuxHost

/// What makes a tree dirty. The kernel queues events before the system call returns.
@Suite struct TreeWatchTests {
    @Test func aFileIsNewsWhenItIsClosed() throws {
        try withTree { tree in
            tree.write("a.yaml")
            let watch = try tree.watch()
            #expect(!watch.drain().isDirty)
            let file = open(tree.at("a.yaml"), O_WRONLY | O_TRUNC | O_CLOEXEC)
            #expect(write(file, "half", 4) == 4)
            #expect(!watch.drain().isDirty)
            close(file)
            tree.awaitClosing("a.yaml")
            #expect(watch.drain().isDirty)
            #expect(!watch.drain().isDirty)
        }
    }

    @Test func arrivingLeavingAndAttributes() throws {
        try withTree { tree in
            let watch = try tree.watch()
            let steps: [(String, () -> Void)] = [
                ("create", { tree.write("a.yaml") }), ("rename", { tree.move("a.yaml", to: "b.yaml") }),
                ("mode", { chmod(tree.at("b.yaml"), 0o600) }),
                ("hard link", { #expect(Glibc.link(tree.at("b.yaml"), tree.at("c.yaml")) == 0) }),
                ("out of sight", { tree.move("b.yaml", to: "b.yaml.bak") }),
                ("back", { tree.move("b.yaml.bak", to: "b.yaml") }), ("delete", { tree.remove("b.yaml") }),
                ("link", { tree.link("b.yaml", to: "c.yaml") }), ("mode of the directory", { chmod(tree.path, 0o700) }),
            ]
            for (name, step) in steps {
                step()
                #expect(watch.drain().isDirty, "\(name)")
                #expect(!watch.drain().isDirty, "\(name)")
            }
        }
    }

    @Test func leftoversAreNoNews() throws {
        try withTree { tree in
            tree.write("x.yaml")
            let watch = try tree.watch()
            for name in ["x.yaml.bak", ".x.yaml.swp", "4913", "#x.yaml#", "x.yaml~", "notes.txt", ".hidden.yaml"] {
                tree.write(name)
                chmod(tree.at(name), 0o600)
                tree.write(name, "more")
                tree.remove(name)
            }
            tree.link(".#x.yaml", to: "me@host.123:456")
            tree.remove(".#x.yaml")
            tree.makeDirectory(".git")
            tree.write(".git/x.yaml")
            #expect(!watch.drain().isDirty)
        }
    }

    @Test func editorsSaves() throws {
        try withTree { tree in
            tree.write("x.yaml")
            let watch = try tree.watch()
            // vim, with 'backup' and 'writebackup': tries a name, moves the old file aside, writes a new one.
            tree.write("4913")
            tree.remove("4913")
            #expect(!watch.drain().isDirty)
            tree.move("x.yaml", to: "x.yaml~")
            tree.write("x.yaml", "vim")
            tree.remove("x.yaml~")
            #expect(watch.drain().isDirty)
            // Emacs: a lock, an auto-save, then in place.
            tree.link(".#x.yaml", to: "me@host.1:2")
            tree.write("#x.yaml#")
            #expect(!watch.drain().isDirty)
            tree.write("x.yaml", "emacs")
            tree.remove("#x.yaml#")
            tree.remove(".#x.yaml")
            #expect(watch.drain().isDirty)
            // sed -i: a temporary file that is renamed over the old one.
            #expect(try run("sed", "-i", "s/emacs/sed/", tree.at("x.yaml")) == 0)
            #expect(watch.drain().isDirty)
            tree.write("x.yaml", "once more")
            #expect(watch.drain().isDirty)
        }
    }

    /// Files that were in a new directory before it could be watched, and what comes into it after.
    @Test func directoriesThatComeWithFilesInThem() throws {
        try withTree { tree in
            let watch = try tree.watch()
            tree.makeDirectory("a")
            tree.write("a/x.yaml")
            tree.makeDirectory("a/b")
            tree.makeDirectory("a/b/c")
            #expect(watch.drain().isDirty)
            tree.write("a/b/c/y.yaml")
            #expect(watch.drain().isDirty)
            tree.makeDirectory("made-elsewhere.tmp")
            _ = watch.drain()
            tree.move("made-elsewhere.tmp", to: "d")
            #expect(watch.drain().isDirty)
            tree.write("d/z.yaml")
            #expect(watch.drain().isDirty)
        }
    }

    @Test func directoriesThatMoveAndGo() throws {
        try withTree { tree in
            tree.makeDirectory("a")
            tree.write("a/x.yaml")
            let watch = try tree.watch()
            let count = watch.count
            tree.move("a", to: "b")
            #expect(watch.drain().isDirty && watch.count == count)
            tree.write("b/x.yaml")
            #expect(watch.drain().isDirty)
            tree.move("b", to: "../outside-\(getpid())")
            #expect(watch.drain().isDirty && watch.count == count - 1)
            // What left the tree is no longer of interest.
            tree.write("../outside-\(getpid())/x.yaml")
            #expect(!watch.drain().isDirty)
            tree.removeAll("../outside-\(getpid())")
            tree.makeDirectory("c")
            _ = watch.drain()
            tree.removeAll("c")
            #expect(watch.drain().isDirty && watch.count == count - 1)
        }
    }

    @Test func aFileThatBecomesADirectory() throws {
        try withTree { tree in
            tree.write("a.yaml")
            let watch = try tree.watch()
            tree.remove("a.yaml")
            tree.makeDirectory("a.yaml")
            #expect(watch.drain().isDirty)
            tree.write("a.yaml/b.yaml")
            #expect(watch.drain().isDirty)
        }
    }

    /// More events than the kernel queues. Equal ones in a row are one: so two files take turns.
    @Test func overflow() throws {
        try withTree { tree in
            tree.write("a.yaml")
            tree.write("b.yaml")
            let watch = try tree.watch()
            let limit = try #require(Int(SmallFile.read("/proc/sys/fs/inotify/max_queued_events") ?? ""))
            for _ in 0...(limit / 2 + 1) {
                chmod(tree.at("a.yaml"), 0o600)
                chmod(tree.at("b.yaml"), 0o600)
            }
            var changes = watch.drain()
            for _ in 0..<100 where !changes.hasOverflowed { changes = watch.drain() }
            #expect(changes.hasOverflowed && changes.isDirty && watch.overflows == 1)
            #expect(!watch.drain().isDirty)
            tree.write("a.yaml")
            #expect(watch.drain() == TreeWatch.Changes(isDirty: true, hasOverflowed: false))
        }
    }

    @Test func aLinkToEverythingDoesNotTakeAllWatches() throws {
        try withTree { tree in
            for index in 0...TreeWatch.limit / 64 {
                tree.makeDirectory("\(index)")
                for inner in 0..<64 { tree.makeDirectory("\(index)/\(inner)") }
            }
            let watch = try tree.watch()
            #expect(watch.limitation?.code == "watch-failed")
            #expect(watch.count < TreeWatch.limit + 100)
        }
    }
}
