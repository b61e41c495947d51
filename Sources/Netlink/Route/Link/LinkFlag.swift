/// Flags that `net/if.h` of the C library lacks: `enum net_device_flags` of `linux/if.h`.
enum LinkFlag {
    /// `IFF_LOWER_UP`: the driver signals a carrier.
    static let lowerUp: UInt32 = 1 << 16
}
