import CLinux

/// Requests about ids of namespaces: `rtnl_net_…` in `net/core/net_namespace.c`.
public enum NamespaceIDRequest {
    /// All ids of the socket's namespace.
    public static func dump() -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETNSID), summary: "list namespace ids") { header(into: &$0) }
    }

    /// The id of a namespace.
    public static func get(_ namespace: NamespaceReference) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETNSID), summary: "get namespace id") { writer in
            header(into: &writer)
            reference(namespace, into: &writer)
        }
    }

    /// Gives a namespace an id, the kernel's choice unless one is given. It is an error where it has one.
    public static func assign(_ namespace: NamespaceReference, id: Int32 = -1) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_NEWNSID), summary: "assign namespace id") { writer in
            header(into: &writer)
            writer.attribute(NETNSA_NSID, id)
            reference(namespace, into: &writer)
        }
    }

    private static func header(into writer: inout MessageWriter) {
        writer.field(UInt8(AddressFamily.unspecified))
        writer.zeros(NamespaceIDMessage.fixedSize - 1)
    }

    private static func reference(_ namespace: NamespaceReference, into writer: inout MessageWriter) {
        switch namespace {
        case .descriptor(let descriptor): writer.attribute(NETNSA_FD, descriptor)
        case .process(let process): writer.attribute(NETNSA_PID, process)
        }
    }
}
