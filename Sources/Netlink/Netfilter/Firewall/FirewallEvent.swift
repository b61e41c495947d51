import CLinux

/// A notification of nftables, as far as it tells what to look at again (`enum nf_tables_msg_types` of
/// `linux/netfilter/nf_tables.h`).
public enum FirewallEvent: Hashable, Sendable {
    /// Something in a table changed: the table itself, a chain, a rule, a set, an element.
    case table(family: UInt8, name: String)
    /// A transaction ended: the ruleset's new generation, and the process that committed it. It follows the events of
    /// what the transaction changed (`nf_tables_commit` in `net/netfilter/nf_tables_api.c`).
    case generation(UInt32, process: Int32)

    /// Reads a message that ``NetlinkSocket/receiveEvents(_:)`` handed out; `nil` for any other, and for garbage.
    public init?(_ header: MessageHeader, _ payload: RawSpan) {
        guard Int(header.type) >> 8 == NFNL_SUBSYS_NFTABLES, let family = payload.u8() else { return nil }
        let attributes = MemoryLayout<nfgenmsg>.size
        guard Int32(header.type) & 0xff != Int32(NFT_MSG_NEWGEN.rawValue) else {
            var generation: UInt32?
            var process: UInt32?
            payload.forEachAttribute(from: attributes) { type, value in
                switch type {
                case Int(NFTA_GEN_ID.rawValue): generation = value.be32()
                case Int(NFTA_GEN_PROC_PID.rawValue): process = value.be32()
                default: break
                }
            }
            guard let generation else { return nil }
            self = .generation(generation, process: process.map { Int32(bitPattern: $0) } ?? 0)
            return
        }
        // Tables, chains, rules, sets and elements all name their table in attribute 1 (NFTA_…_TABLE).
        var table: String?
        payload.forEachAttribute(from: attributes) { type, value in
            if type == Int(NFTA_TABLE_NAME.rawValue) { table = value.string }
        }
        guard let table else { return nil }
        self = .table(family: family, name: table)
    }

    /// The family of a table `inet` (`NFPROTO_INET` of `linux/netfilter.h`).
    public static let inet: UInt8 = 1
}
