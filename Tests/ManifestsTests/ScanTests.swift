import Foundation
import Manifests
import Model
import Testing

/// Reading manifests again and again.
@Suite struct ScanTests {
    private func write(_ path: String, _ name: String) throws {
        let text =
            "apiVersion: reconcile/v1\nkind: Container\nmetadata: { name: \(name) }\nspec: { image: \"oci:img\" }\n"
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func names(_ files: [ManifestFile]) -> [String] {
        files.flatMap(\.resources.containers).map(\.metadata.name)
    }

    @Test func equalUntilSomethingChanges() throws {
        try withDirectory { directory in
            let manager = FileManager.default
            try write("\(directory)/a.yaml", "a")
            let changes: [(String, () throws -> Void)] = [
                ("a file", { try write("\(directory)/b.yaml", "b") }),
                ("its content", { try write("\(directory)/b.yaml", "c") }),
                ("its size", { try write("\(directory)/b.yaml", "longer") }),
                ("its mode", { chmod("\(directory)/b.yaml", 0o600) }),
                ("its name", { rename("\(directory)/b.yaml", "\(directory)/c.yaml") }),
                (
                    "a broken link",
                    { try manager.createSymbolicLink(atPath: "\(directory)/l", withDestinationPath: "no") }
                ),
                ("its end", { unlink("\(directory)/l") }), ("a file's end", { unlink("\(directory)/c.yaml") }),
            ]
            for (name, change) in changes {
                let before = ManifestScan(paths: [directory])
                #expect(ManifestScan(paths: [directory]) == before)
                // Past the tick of the file system's clock.
                usleep(20_000)
                try change()
                #expect(ManifestScan(paths: [directory]) != before, "\(name)")
            }
            #expect(!ManifestScan(paths: [directory + "/none"]).unreadable.isEmpty)
        }
    }

    /// A file that was just written may be written again within the same tick: its stamp is not relied on.
    @Test func whatIsFreshIsNotTrusted() throws {
        try withDirectory { directory in
            var reader = ManifestReader()
            var fresh: (isSettled: Bool, first: [String], second: [String])?
            for _ in 0..<20 where fresh == nil {
                let start = ContinuousClock.now
                reader = ManifestReader()
                try write("\(directory)/a.yaml", "a")
                let scan = ManifestScan(paths: [directory])
                let isSettled = scan.isSettled
                let first = names(reader.read(scan))
                // The scan is the old one, so for the reader nothing looks different.
                try write("\(directory)/a.yaml", "b")
                let second = names(reader.read(scan))
                // Where this thread stalled for two seconds it was not fresh.
                if start.duration(to: .now) < .seconds(1.9) { fresh = (isSettled, first, second) }
            }
            let (isSettled, first, second) = try #require(fresh)
            #expect(!isSettled && first == ["a"] && second == ["b"])
            usleep(2_100_000)
            let settled = ManifestScan(paths: [directory])
            #expect(settled.isSettled && names(reader.read(settled)) == ["b"])
            try write("\(directory)/a.yaml", "c")
            #expect(names(reader.read(settled)) == ["b"])
            #expect(names(reader.read(ManifestScan(paths: [directory]))) == ["c"])
        }
    }

    @Test func whatCannotBeReadIsAskedAgain() throws {
        try withDirectory { directory in
            try write("\(directory)/a.yaml", "a")
            let scan = ManifestScan(paths: [directory])
            rename("\(directory)/a.yaml", "\(directory)/b")
            var reader = ManifestReader()
            let gone = reader.read(scan)
            #expect(gone.map(\.isRead) == [false] && gone.map(\.hasErrors) == [true])
            rename("\(directory)/b", "\(directory)/a.yaml")
            #expect(names(reader.read(scan)) == ["a"])
        }
    }
}
