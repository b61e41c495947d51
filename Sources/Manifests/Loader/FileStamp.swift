import Glibc

/// What tells without reading it that a file is another one, or was written to (stat(2)).
public struct FileStamp: Hashable, Sendable {
    let device: UInt
    let inode: UInt
    /// Bytes.
    let size: Int
    /// Of the content, in nanoseconds since 1970.
    let modified: Int64
    /// Of content, mode, owner or links, in nanoseconds since 1970. Nobody can set it, so it also tells of a copy that
    /// kept size and time.
    let changed: Int64

    init(_ status: stat) {
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = Int(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }

    var identity: FileSystem.Identity { FileSystem.Identity(device: device, inode: inode) }

    /// Whether the stamp is so old that a later change must give another one. File systems count time in ticks (up to
    /// 10 ms, on FAT 2 s): two changes within one tick look the same.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) - changed > 2_000_000_000
    }
}
