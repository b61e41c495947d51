import CLinux
import Glibc

/// Memory that a thread takes from the kernel in a few large steps, before it makes tens of thousands of small objects.
///
/// An arena of malloc(3) other than the first grows by a page at a time, with a call of mprotect(2) for each, which
/// stops the page faults of all other threads (`sysmalloc` and `grow_heap` in glibc's malloc/arena.c). What is taken and
/// given back at once stays with the arena of the calling thread. It costs addresses, not memory: no page is touched.
public enum HeapReserve {
    /// From this size on malloc(3) gives each piece a mapping of its own.
    private static let mappingThreshold = 1 << 20
    /// Beyond this much that is free at its end an arena gives memory back by itself: it must not do so at once.
    private static let trimThreshold = 32 << 20

    /// Sets what holds for the whole process; call it before there are threads.
    ///
    /// More than four arenas would hold on to memory long after the short-lived threads that they were for.
    public static func prepare() {
        mallopt(M_ARENA_MAX, 4)
        mallopt(M_TRIM_THRESHOLD, Int32(trimThreshold))
        // Whoever sets the one must set the other: both would follow the largest piece that was ever freed.
        mallopt(M_MMAP_THRESHOLD, Int32(mappingThreshold))
        mallopt(M_TOP_PAD, 1 << 20)
    }

    /// Reserves so many bytes for the calling thread.
    public static func take(_ bytes: Int = 8 << 20) {
        let piece = mappingThreshold / 2
        let pieces = (0..<bytes / piece).map { _ in malloc(piece) }
        // From the end: each is joined with what is free behind it.
        for piece in pieces.reversed() { free(piece) }
    }
}
