import CLinux

/// Requests about links: `rtnetlink(7)`, `net/core/rtnetlink.c`.
public enum LinkRequest {
    /// Writes `struct ifinfomsg`.
    static func header(index: Int32 = 0, isUp: Bool? = nil, into writer: inout MessageWriter) {
        let up = UInt32(IFF_UP.rawValue)
        writer.field(UInt8(AddressFamily.unspecified))
        writer.zeros(3)
        writer.field(index)
        writer.field(isUp == true ? up : 0)
        writer.field(isUp == nil ? 0 : up)
    }

    /// All links, without IPv6 statistics (the kernel always adds the others); only the ports of `master`, only those of `kind`, or those of another namespace
    /// by its id in this one, where given.
    public static func dump(master: Int32? = nil, kind: String? = nil, namespaceID: Int32? = nil) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETLINK), summary: "list links") { writer in
            header(into: &writer)
            extendedMask(into: &writer)
            if let namespaceID { writer.attribute(IFLA_TARGET_NETNSID, namespaceID) }
            if let master { writer.attribute(IFLA_MASTER, master) }
            if let kind { writer.nested(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, string: kind) } }
        }
    }

    /// One link.
    public static func get(_ link: LinkReference, namespaceID: Int32? = nil) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETLINK), summary: "get link \(link)") { writer in
            reference(link, into: &writer)
            extendedMask(into: &writer)
            if let namespaceID { writer.attribute(IFLA_TARGET_NETNSID, namespaceID) }
        }
    }

    /// Makes a link of a kind. It is an error where one of that name exists.
    public static func create(_ kind: any LinkKind, _ attributes: LinkAttributes) -> NetlinkRequest {
        let name = attributes.name ?? "unnamed"
        return NetlinkRequest(
            type: Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL, summary: "create \(type(of: kind).kind) \(name)"
        ) { writer in
            attributes.encode(into: &writer)
            info(kind, into: &writer)
        }
    }

    /// Asks for a link of a kind by its name alone, with nothing of the kind's own: to see whether the kernel knows it.
    public static func create(kind: String, _ attributes: LinkAttributes) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL, summary: "create \(kind)") { writer in
            attributes.encode(into: &writer)
            writer.nested(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, string: kind) }
        }
    }

    /// Changes a link: all but what belongs to its kind. To rename it, name it by index.
    ///
    /// This is `RTM_SETLINK`, never `RTM_NEWLINK`: that one, where no link has the name, applies the change to all
    /// links of the group that it carries (`rtnl_group_changelink`).
    public static func set(_ link: LinkReference, _ attributes: LinkAttributes) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_SETLINK), summary: "change link \(link)") { writer in
            attributes.encode(link, into: &writer)
        }
    }

    /// Changes what belongs to a link's kind. The kind itself must be the link's own.
    public static func configure(_ link: LinkReference, _ kind: any LinkKind) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_NEWLINK), summary: "configure \(type(of: kind).kind) \(link)") { writer in
            reference(link, into: &writer)
            info(kind, into: &writer)
        }
    }

    /// Changes a bridge's port. The link must be one already, by an earlier request.
    public static func configurePort(_ link: LinkReference, _ port: BridgePortAttributes) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_NEWLINK), summary: "configure bridge port \(link)") { writer in
            reference(link, into: &writer)
            writer.nested(IFLA_LINKINFO) { writer in
                writer.attribute(IFLA_INFO_SLAVE_KIND, string: BridgeAttributes.kind)
                writer.nested(IFLA_INFO_SLAVE_DATA) { port.encode(into: &$0) }
            }
        }
    }

    /// Removes a link, and with a veth its peer.
    public static func delete(_ link: LinkReference) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_DELLINK), summary: "delete link \(link)") { reference(link, into: &$0) }
    }

    /// Removes all links of a group at once; the kernel refuses group 0.
    ///
    /// Removing links one by one costs a grace period of the kernel's each (some 10 ms or more), whether or not the
    /// requests share a batch; a group costs one for all. So many links go fastest by being put into a group of their
    /// own first.
    public static func delete(group: UInt32) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_DELLINK), summary: "delete links of group \(group)") { writer in
            header(into: &writer)
            writer.attribute(IFLA_GROUP, group)
        }
    }

    private static func reference(_ link: LinkReference, into writer: inout MessageWriter) {
        LinkAttributes().encode(link, into: &writer)
    }

    private static func extendedMask(into writer: inout MessageWriter) {
        writer.attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
    }

    private static func info(_ kind: any LinkKind, into writer: inout MessageWriter) {
        writer.nested(IFLA_LINKINFO) { writer in
            writer.attribute(IFLA_INFO_KIND, string: type(of: kind).kind)
            writer.nested(IFLA_INFO_DATA) { kind.encode(into: &$0) }
        }
    }
}
