import Containers
import Glibc
import Model

/// Where the engine keeps things, and what it may do.
public struct EngineSettings: Hashable, Sendable {
    /// The ownership set.
    public var set: String
    /// Lives and dies with the kernel's state; default `/run/reconcile`.
    public var runtimeDirectory: String
    /// Survives a reboot; default `/var/lib/reconcile`.
    public var dataDirectory: String
    /// Where subnets are chosen from by default; empty: what ``AddressPoolFile`` says.
    public var addressPools: [AddressPool]
    /// A pass may delete more than half of what is ours, or all.
    public var allowsMassDelete: Bool

    /// Settings with the usual places.
    public init(
        set: String = "default", runtimeDirectory: String = "/run/reconcile",
        dataDirectory: String = "/var/lib/reconcile", addressPools: [AddressPool] = [],
        allowsMassDelete: Bool = false
    ) {
        self.set = set
        self.runtimeDirectory = runtimeDirectory
        self.dataDirectory = dataDirectory
        self.addressPools = addressPools
        self.allowsMassDelete = allowsMassDelete
    }

    /// Where containers of this set lie.
    ///
    /// Control groups do not come in namespaces of their own as links do: so those of ours are named by the network
    /// namespace, and two hosts that are namespaces of one kernel stay out of each other's way.
    public var layout: StateLayout {
        var status = stat()
        let namespace = stat("/proc/self/ns/net", &status) == 0 ? status.st_ino : 0
        return StateLayout(
            runtimeDirectory: runtimeDirectory, dataDirectory: dataDirectory, set: set,
            cgroupParent: "/reconcile-\(namespace)")
    }
}
