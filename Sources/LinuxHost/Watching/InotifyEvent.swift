import Glibc

/// One event of inotify(7).
struct InotifyEvent: Hashable {
    /// The watch that it belongs to; -1 for an overflow of the queue.
    let watch: Int32
    /// `IN_…` bits.
    let mask: UInt32
    /// The name in the watched directory; `nil` where the directory itself is meant.
    let name: String?

    /// True where one of these bits is set.
    func has(_ bits: UInt32) -> Bool { mask & bits != 0 }

    /// The events that one read(2) gave: `struct inotify_event { int wd; uint32_t mask, cookie, len; char name[]; }`,
    /// one behind the other, names padded with zeros. What is cut off is left out: the kernel never cuts.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        var offset = 0
        while bytes.count - offset >= 16 {
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            guard length <= bytes.count - offset - 16 else { break }
            let name = bytes[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 }
            events.append(
                InotifyEvent(
                    watch: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self),
                    mask: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                    name: name.isEmpty ? nil : String(decoding: name, as: UTF8.self)))
            offset += 16 + length
        }
        return events
    }
}

/// Bits of `InotifyEvent.mask`, as the system call takes them (sys/inotify.h).
enum InotifyMask {
    /// A name now means something else.
    static let names = UInt32(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
    /// A file's content or attributes changed. Not IN_MODIFY: it comes in the midst of writing.
    static let content = UInt32(IN_CLOSE_WRITE | IN_ATTRIB)
    /// The watched directory is no longer what its path leads to, or the watch is gone.
    static let itself = UInt32(IN_DELETE_SELF | IN_MOVE_SELF)
    /// Sent whether asked for or not.
    static let lost = UInt32(IN_IGNORED | IN_UNMOUNT)
    static let overflow = UInt32(IN_Q_OVERFLOW)
    static let directory = UInt32(IN_ISDIR)
    static let arrival = UInt32(IN_CREATE | IN_MOVED_TO)
    /// How every watch is added: what an earlier refresh asked for stays asked for, so that no event falls between.
    static let adding = UInt32(IN_ONLYDIR | IN_MASK_ADD)
}
