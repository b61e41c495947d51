import Glibc
import LinuxHost

/// What this process asks of the system before it starts.
enum ProcessLimits {
    /// Raises the number of files that may be open to what the system allows, since a pass keeps a socket open in every
    /// sandbox that it changes; and tells the allocator how memory is used here (mallopt(3)).
    static func prepare() {
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        HeapReserve.prepare()
    }
}
