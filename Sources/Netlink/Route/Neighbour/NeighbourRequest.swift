import CLinux
import Model

/// Requests about neighbours and forwarding entries: `net/core/neighbour.c`, `rtnl_fdb_…` in `net/core/rtnetlink.c`.
public enum NeighbourRequest {
    /// All neighbours; only of a family or a link, where given.
    public static func dump(family: IPAddress.Family? = nil, index: Int32? = nil) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETNEIGH), summary: "list neighbours") { writer in
            header(AddressFamily.byte(family), index: 0, into: &writer)
            if let index { writer.attribute(NDA_IFINDEX, index) }
        }
    }

    /// All forwarding entries; only of a port or vxlan (`index`) or of a bridge (`master`), where given.
    public static func dumpForwarding(index: Int32? = nil, master: Int32? = nil) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETNEIGH), summary: "list forwarding entries") { writer in
            header(UInt8(AddressFamily.bridge), index: index ?? 0, into: &writer)
            if let master { writer.attribute(NDA_MASTER, master) }
        }
    }

    /// One neighbour (`neigh_get` in `net/core/neighbour.c`).
    public static func get(_ address: IPAddress, index: Int32) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETNEIGH), summary: "get neighbour \(address) on #\(index)") { writer in
            header(AddressFamily.byte(address.family), index: index, into: &writer)
            writer.attribute(NDA_DST, address)
        }
    }

    /// One forwarding entry: a vxlan's (`flags` `.own`), or that of the bridge whose port the link is (`.master`).
    public static func getForwarding(
        _ macAddress: MACAddress, index: Int32, flags: NeighbourFlags
    ) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETNEIGH), summary: "get forwarding entry \(macAddress) on #\(index)") { writer in
            header(UInt8(AddressFamily.bridge), index: index, flags: flags, into: &writer)
            writer.attribute(NDA_LLADDR, macAddress)
        }
    }

    /// Adds a permanent neighbour; with `replace` in place of any that has the address.
    public static func add(
        _ address: IPAddress, macAddress: MACAddress, index: Int32, protocolNumber: UInt8 = 0,
        flags: NeighbourFlags = [], replace: Bool = false
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: Int(RTM_NEWNEIGH), flags: mode(replace), summary: "add neighbour \(address) on #\(index)"
        ) { writer in
            header(
                AddressFamily.byte(address.family), index: index, state: UInt16(NUD_PERMANENT), flags: flags,
                into: &writer)
            writer.attribute(NDA_DST, address)
            writer.attribute(NDA_LLADDR, macAddress)
            if protocolNumber != 0 { writer.attribute(NDA_PROTOCOL, protocolNumber) }
        }
    }

    /// Removes a neighbour.
    public static func delete(_ address: IPAddress, index: Int32, flags: NeighbourFlags = []) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_DELNEIGH), summary: "delete neighbour \(address) on #\(index)") { writer in
            header(AddressFamily.byte(address.family), index: index, flags: flags, into: &writer)
            writer.attribute(NDA_DST, address)
        }
    }

    /// Adds a forwarding entry that stays: to a vxlan (`flags` `.own`, with the remote `destination`, and its `vni`
    /// where that is not the link's own) or to a bridge's port (`.master`, perhaps with a `vlan`).
    ///
    /// An entry of a MAC of zeros is where a vxlan floods; it may have many destinations, each an `append`.
    public static func addForwarding(
        _ macAddress: MACAddress, index: Int32, flags: NeighbourFlags, destination: IPAddress? = nil,
        vni: UInt32? = nil, vlan: UInt16? = nil, protocolNumber: UInt8 = 0, replace: Bool = false, append: Bool = false
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: Int(RTM_NEWNEIGH), flags: append ? NLM_F_CREATE | NLM_F_APPEND : mode(replace),
            summary: "add forwarding entry \(macAddress) on #\(index)"
        ) { writer in
            // To a bridge a permanent entry is one of its own host; a static one is NOARP alone (fdb_add_entry in
            // net/bridge/br_fdb.c). A vxlan asks for PERMANENT (vxlan_fdb_add in drivers/net/vxlan/vxlan_core.c).
            let state = flags.contains(.master) ? NUD_NOARP : NUD_PERMANENT | NUD_NOARP
            header(UInt8(AddressFamily.bridge), index: index, state: UInt16(state), flags: flags, into: &writer)
            forwarding(macAddress, destination: destination, vni: vni, vlan: vlan, into: &writer)
            if protocolNumber != 0 { writer.attribute(NDA_PROTOCOL, protocolNumber) }
        }
    }

    /// Removes a forwarding entry; with `destination` only that one of several.
    public static func deleteForwarding(
        _ macAddress: MACAddress, index: Int32, flags: NeighbourFlags, destination: IPAddress? = nil,
        vni: UInt32? = nil, vlan: UInt16? = nil
    ) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_DELNEIGH), summary: "delete forwarding entry \(macAddress) on #\(index)") {
            header(UInt8(AddressFamily.bridge), index: index, flags: flags, into: &$0)
            forwarding(macAddress, destination: destination, vni: vni, vlan: vlan, into: &$0)
        }
    }

    private static func mode(_ replace: Bool) -> Int32 { NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL) }

    private static func forwarding(
        _ macAddress: MACAddress, destination: IPAddress?, vni: UInt32?, vlan: UInt16?,
        into writer: inout MessageWriter
    ) {
        writer.attribute(NDA_LLADDR, macAddress)
        if let destination { writer.attribute(NDA_DST, destination) }
        if let vni { writer.attribute(NDA_VNI, vni) }
        if let vlan { writer.attribute(NDA_VLAN, vlan) }
    }

    /// Writes `struct ndmsg`.
    private static func header(
        _ family: UInt8, index: Int32, state: UInt16 = 0, flags: NeighbourFlags = [], into writer: inout MessageWriter
    ) {
        writer.field(family)
        writer.zeros(3)
        writer.field(index)
        writer.field(state)
        writer.field(flags.rawValue)
        writer.field(UInt8(0))
    }
}
