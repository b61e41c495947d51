import Glibc

/// How many files this process may have open.
enum DescriptorLimit {
    /// Raises the limit to what the system allows: a pass keeps a socket open in every sandbox that it changes.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
