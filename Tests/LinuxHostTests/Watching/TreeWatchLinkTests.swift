import Foundation
import Testing

@testable import LinuxHost

/// Roots that come and go, and links that are swapped.
@Suite struct TreeWatchLinkTests {
    @Test func aRootThatIsNotThereYet() throws {
        try withTree { tree in
            let watch = try tree.watch("a/b/c")
            tree.write("unrelated.yaml")
            tree.makeDirectory("unrelated")
            #expect(!watch.drain().isDirty)
            tree.makeDirectory("a")
            #expect(watch.drain().isDirty)
            tree.makeDirectory("a/b")
            tree.makeDirectory("a/b/c")
            tree.write("a/b/c/x.yaml")
            #expect(watch.drain().isDirty)
            tree.write("a/b/c/x.yaml")
            #expect(watch.drain().isDirty)
            tree.write("a/b/x.yaml")
            tree.write("a/x.yaml")
            #expect(!watch.drain().isDirty)
        }
    }

    @Test func aRootThatVanishesAndComesBack() throws {
        try withTree { tree in
            tree.makeDirectory("up")
            tree.makeDirectory("up/root")
            let watch = try tree.watch("up/root")
            let count = watch.count
            let ways: [(String, () -> Void, () -> Void)] = [
                ("removed", { tree.remove("up/root") }, { tree.makeDirectory("up/root") }),
                ("moved away", { tree.move("up/root", to: "up/old") }, { tree.move("up/old", to: "up/root") }),
                ("its parent moved", { tree.move("up", to: "down") }, { tree.move("down", to: "up") }),
                (
                    "all removed", { tree.removeAll("up") },
                    {
                        tree.makeDirectory("up")
                        tree.makeDirectory("up/root")
                    }
                ),
            ]
            for (name, goes, comes) in ways {
                goes()
                #expect(watch.drain().isDirty, "\(name)")
                comes()
                #expect(watch.drain().isDirty, "\(name)")
                #expect(watch.count == count, "\(name)")
                tree.write("up/root/x.yaml", name)
                #expect(watch.drain().isDirty, "\(name)")
                tree.remove("up/root/x.yaml")
                _ = watch.drain()
                // And both at once, before anybody looked.
                goes()
                comes()
                #expect(watch.drain().isDirty, "\(name)")
                tree.write("up/root/x.yaml", name)
                #expect(watch.drain().isDirty, "\(name)")
                tree.remove("up/root/x.yaml")
                _ = watch.drain()
            }
        }
    }

    /// As kubelet's AtomicWriter does: files are links through `..data`, which is swapped.
    @Test func configMap() throws {
        try withTree { tree in
            tree.makeDirectory("..1")
            tree.write("..1/a.yaml", "one")
            tree.link("..data", to: "..1")
            tree.link("a.yaml", to: "..data/a.yaml")
            let watch = try tree.watch()
            let count = watch.count
            for version in 2..<50 {
                tree.makeDirectory("..\(version)")
                tree.write("..\(version)/a.yaml", "new")
                #expect(!watch.drain().isDirty)
                tree.swap("..data", to: "..\(version)")
                #expect(watch.drain().isDirty, "\(version)")
                tree.removeAll("..\(version - 1)")
                #expect(!watch.drain().isDirty && watch.count == count, "\(version)")
            }
            tree.write("..49/a.yaml", "in place")
            #expect(watch.drain().isDirty)
        }
    }

    /// As git-sync does: the root is a link to a work tree, or has one on its way.
    @Test(arguments: ["current", "current/manifests"])
    func gitSync(_ root: String) throws {
        try withTree { tree in
            for version in 1...3 {
                tree.makeDirectory("\(version)")
                tree.makeDirectory("\(version)/manifests")
            }
            tree.link("current", to: "1")
            let watch = try tree.watch(root)
            let count = watch.count
            for version in 2...3 {
                tree.swap("current", to: "\(version)")
                #expect(watch.drain().isDirty && watch.count == count)
                tree.write("\(version)/manifests/a.yaml")
                #expect(watch.drain().isDirty)
                tree.write("\(version - 1)/manifests/a.yaml")
                #expect(!watch.drain().isDirty)
            }
            tree.remove("current")
            #expect(watch.drain().isDirty)
            tree.link("current", to: "1")
            #expect(watch.drain().isDirty)
            tree.write("1/manifests/b.yaml")
            #expect(watch.drain().isDirty)
        }
    }

    @Test func linksOutOfTheTree() throws {
        try withTree { tree in
            tree.makeDirectory("root")
            tree.makeDirectory("other")
            tree.write("other/file")
            tree.write("other/unrelated")
            tree.makeDirectory("other/directory")
            tree.link("root/a.yaml", to: "../other/file")
            tree.link("root/notes.txt", to: "../other/unrelated")
            tree.link("root/sub", to: tree.at("other/directory"))
            tree.link("root/later.yaml", to: "../other/later")
            tree.link("root/loop", to: "loop")
            tree.link("root/up", to: "..")
            let watch = try tree.watch("root")
            for name in ["other/file", "other/directory/x.yaml", "other/later"] {
                tree.write(name)
                #expect(watch.drain().isDirty, "\(name)")
                tree.write(name)
                #expect(watch.drain().isDirty, "\(name)")
            }
            tree.write("other/unrelated")
            #expect(!watch.drain().isDirty)
            tree.write("new")
            tree.move("new", to: "other/file")
            #expect(watch.drain().isDirty)
            tree.removeAll("other/directory")
            #expect(watch.drain().isDirty)
            tree.makeDirectory("other/directory")
            #expect(watch.drain().isDirty)
            tree.write("other/directory/y.yaml")
            #expect(watch.drain().isDirty)
        }
    }

    @Test func aFileAlone() throws {
        try withTree { tree in
            tree.write("one")
            let watch = try tree.watch("one")
            tree.write("two.yaml")
            #expect(!watch.drain().isDirty)
            tree.write("one")
            #expect(watch.drain().isDirty)
            tree.remove("one")
            #expect(watch.drain().isDirty)
            tree.write("one")
            #expect(watch.drain().isDirty)
        }
    }

    @Test func traces() throws {
        try withTree { tree in
            tree.makeDirectory("a")
            tree.write("a/file")
            tree.link("l", to: "./a/../a")
            #expect(PathTrace(tree.at("l/file")).end == .file(.init(directory: tree.at("a"), name: "file")))
            #expect(PathTrace(tree.at("l")).end == .directory(tree.at("a")))
            #expect(PathTrace("/").end == .directory("/"))
            #expect(PathTrace(tree.at("a/file/more")).end == .nothing)
            let missing = PathTrace(tree.at("l/none/deep"))
            #expect(missing.end == .nothing)
            #expect(
                missing.steps == [
                    .init(directory: tree.path, name: "l"), .init(directory: tree.at("a"), name: "none"),
                ])
        }
    }
}
