import CLinux

/// The generation of a namespace's firewall: a number that each transaction of nftables makes one more, whoever sends
/// it (`net/netfilter/nf_tables_api.c`). Where it is what it was, nothing has changed.
public enum FirewallGeneration {
    /// Asks for it (`NFT_MSG_GETGEN`).
    static var request: NetlinkRequest {
        NetlinkRequest(type: message(NFT_MSG_GETGEN), summary: "get the firewall's generation") { writer in
            // struct nfgenmsg
            writer.field(AddressFamily.byte(nil))
            writer.field(UInt8(NFNETLINK_V0))
            writer.field(UInt16(0))
        }
    }

    /// Reads an answer (`NFT_MSG_NEWGEN`); `nil` for any other message.
    static func read(_ header: MessageHeader, _ payload: RawSpan) -> UInt32? {
        guard header.type == message(NFT_MSG_NEWGEN) else { return nil }
        var generation: UInt32?
        payload.forEachAttribute(from: MemoryLayout<nfgenmsg>.size) { type, value in
            if type == Int(NFTA_GEN_ID.rawValue) { generation = value.be32() }
        }
        return generation
    }

    private static func message(_ type: nf_tables_msg_types) -> Int {
        Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(type.rawValue)
    }
}

extension NetlinkSocket {
    /// The generation of the namespace's firewall; the socket is one of `.netfilter`. It needs `CAP_NET_ADMIN`; throws
    /// `.refused` where the kernel has no nf_tables.
    public func firewallGeneration() throws(NetlinkError) -> UInt32 {
        let request = FirewallGeneration.request
        guard let generation = try requestOne(request, FirewallGeneration.read) else {
            throw NetlinkError(.lostAnswer, request: request)
        }
        return generation
    }
}
