import Containers
import Foundation
import Model
import Testing

@Suite(.serialized, .enabled(if: Scratch.isPrivate, "needs unshare --net --mount")) struct ImageStoreTests {
    /// An image layout with busybox and a command, made by umoci.
    private func makeLayout(_ scratch: Scratch) throws -> String {
        let path = scratch.directory + "/source"
        let script = """
            set -e
            umoci init --layout \(path)
            umoci new --image \(path):one
            umoci insert --image \(path):one \(scratch.directory)/busybox/bin /bin
            umoci config --image \(path):one --config.cmd sleep --config.cmd 100 --config.env FROM=image
            """
        // Not Foundation's Process: its waitUntilExit may miss the end where tests run side by side, and wait for ever.
        let status = "( \(script) ) >/dev/null 2>&1".withCString { system($0) }
        try #require(status == 0)
        return path
    }

    @Test func layoutIsPulledOnceAndRuns() async throws {
        try await withScratch { scratch in
            let source = ImageSource.oci(directory: try makeLayout(scratch), tag: "one")
            #expect(scratch.store.resolve(source) == nil)
            // Side by side: whoever comes second finds it unpacked.
            async let first = scratch.store.pull(source)
            async let second = scratch.store.pull(source)
            let (image, same) = (try await first, try await second)
            #expect(image == same)
            #expect(image.config.cmd == ["sleep", "100"])
            #expect(scratch.store.resolve(source) == image.digest)
            #expect(try scratch.store.image(source) == image)
            let started = try await scratch.start("fromimage", [], image: image) { $0.command = nil }
            let result = try await scratch.runtime.execCaptured(
                started.id, command: ["sh", "-c", "echo $FROM"], timeout: .seconds(30))
            #expect(result.output == "image\n")
            // The layer takes what is written; the shared directory stays as it is.
            _ = try await scratch.runtime.execCaptured(started.id, command: ["touch", "/new"], timeout: .seconds(30))
            #expect(!FileManager.default.fileExists(atPath: image.rootfs + "/new"))
        }
    }

    @Test func failedPullKeepsWhatWasThere() async throws {
        try await withScratch { scratch in
            let path = try makeLayout(scratch)
            let source = ImageSource.oci(directory: path, tag: "one")
            let image = try await scratch.store.pull(source)
            let missing = await #expect(throws: Diagnostic.self) {
                _ = try await scratch.store.pull(.oci(directory: path, tag: "two"))
            }
            #expect(missing?.code == "image-not-found")
            let refused = await #expect(throws: Diagnostic.self) {
                _ = try await scratch.store.pull(.registry("localhost:9/x:1"))
            }
            #expect(refused?.code == "registry-unreachable")
            #expect(try scratch.store.image(source) == image)
        }
    }
}
