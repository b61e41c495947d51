import Model
import Netlink

/// A vxlan's attributes from the fields of an object.
enum VxlanSettings {
    /// What a new vxlan is made with; `nil` where it has no identifier.
    static func whole(_ object: KernelObject) -> Vxlan? {
        guard let vni = object.int(.vni) else { return nil }
        return Vxlan(
            vni: UInt32(truncatingIfNeeded: vni), local: local(object),
            port: object.int(.port).map(UInt16.init(truncatingIfNeeded:)), learning: object.bool(.learning),
            proxy: object.bool(.proxy))
    }

    /// What is told to one that exists; `nil` where nothing of it differs. The kernel refuses what it cannot change, also
    /// where that is the same as before.
    static func changed(_ object: KernelObject, _ changed: Set<FieldName>) -> Vxlan? {
        var settings = Vxlan()
        if changed.contains(.local) { settings.local = local(object) }
        if changed.contains(.learning) { settings.learning = object.bool(.learning) }
        return settings == Vxlan() ? nil : settings
    }

    /// The address of the tunnels; without one that of all zeros, which tells the family.
    private static func local(_ object: KernelObject) -> IPAddress? {
        guard let text = object.string(.local) else { return nil }
        return IPAddress(text) ?? IPAddress(family: object.string(.underlay) == "ipv6" ? .ipv6 : .ipv4, bits: 0)
    }
}
