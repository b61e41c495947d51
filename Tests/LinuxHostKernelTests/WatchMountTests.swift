import CLinux
import Foundation
import Testing

@testable import LinuxHost

/// Mounts in and over a tree that is watched. They need a mount namespace of their own: `scripts/kernel-tests.sh`.
@Suite(.serialized, .enabled(if: isPrivate, "needs unshare --net --mount")) struct WatchMountTests {
    private func withTree(_ body: (String, TreeWatch) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "mounts-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path + "/root/sub", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let filter = TreeFilter(isIgnored: { $0.hasPrefix(".") }, isFile: { $0.hasSuffix(".yaml") })
        try body(path, try TreeWatch(root: path + "/root", filter: filter))
    }

    private func mount(_ type: String, _ target: String, _ options: String = "") throws {
        let result = options.withCString { CLinux.mount(type, target, type, 0, $0) }
        try #require(result == 0, "\(type): \(String(cString: strerror(errno)))")
    }

    private func unmount(_ target: String) throws { try #require(umount2(target, 0) == 0) }

    private func write(_ path: String) throws { try Data("x".utf8).write(to: URL(filePath: path)) }

    /// A mount gives no event: that is what looking from time to time is for. Its end gives one.
    @Test(arguments: ["root", "root/sub"])
    func aMountThatComesAndGoes(_ place: String) throws {
        try withTree { path, watch in
            try mount("tmpfs", "\(path)/\(place)")
            watch.refresh()
            #expect(!watch.drain().isDirty && watch.limitation == nil)
            try write("\(path)/\(place)/a.yaml")
            #expect(watch.drain().isDirty)
            try unmount("\(path)/\(place)")
            #expect(watch.drain().isDirty)
            try write("\(path)/\(place)/b.yaml")
            #expect(watch.drain().isDirty)
        }
    }

    /// A change below an overlay is seen above it and gives no event.
    @Test func anOverlayIsPolled() throws {
        try withTree { path, watch in
            // The upper directory of an overlay cannot itself be on one.
            try mount("tmpfs", path + "/root/sub")
            for name in ["lower", "upper", "work"] { mkdir("\(path)/root/sub/\(name)", 0o755) }
            let below = path + "/root/sub/"
            mkdir(path + "/root/overlay", 0o755)
            try mount(
                "overlay", path + "/root/overlay",
                "lowerdir=\(below)lower,upperdir=\(below)upper,workdir=\(below)work")
            watch.refresh()
            #expect(watch.limitation?.code == "watch-remote")
            #expect(watch.limitation?.message.contains("overlay") == true)
            try unmount(path + "/root/overlay")
            watch.refresh()
            #expect(watch.limitation == nil)
            try unmount(path + "/root/sub")
        }
    }
}

/// Whether mounts stay in here: not in the machine's own namespace.
private let isPrivate: Bool = {
    func namespace(_ process: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/mnt")
    }
    guard ProcessInfo.processInfo.environment["RECONCILE_KERNEL_TESTS"] != nil else { return false }
    return geteuid() == 0 && namespace("self") != namespace("1")
}()
