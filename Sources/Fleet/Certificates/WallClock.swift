import Glibc

/// The time of day as certificates have it.
public enum WallClock {
    /// Seconds since 1970.
    public static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }
}
