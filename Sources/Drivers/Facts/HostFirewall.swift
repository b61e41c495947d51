import Model

/// The rules of others that may drop what we forward: base chains of nftables' filter type at the hooks that our packets
/// pass, and the chains that they lead to. Rules of iptables-nft are among them, those of iptables-legacy are not.
///
/// Chains that drop nothing are left out.
public struct HostFirewall: Hashable, Sendable {
    /// A chain by its family, table and name.
    public struct Name: Hashable, Sendable, CustomStringConvertible {
        /// `ip`, `ip6` or `inet`.
        public let family: String
        /// The table.
        public let table: String
        /// The chain.
        public let chain: String

        /// A name.
        public init(family: String, table: String, chain: String) {
            self.family = family
            self.table = table
            self.chain = chain
        }

        /// `chain FORWARD of table ip filter`.
        public var description: String { "chain \(chain) of table \(family) \(table)" }

        /// Another chain of the same table.
        public func sibling(_ chain: String) -> Name { Name(family: family, table: table, chain: chain) }
    }

    /// Where the kernel calls a base chain (nft(8), "Chains").
    public enum Hook: String, Hashable, Sendable {
        /// Packets to the host's own processes.
        case input
        /// Packets that pass through the host.
        case forward
        /// Packets of the host's own processes.
        case output
    }

    /// A chain that the kernel calls.
    public struct Base: Hashable, Sendable {
        /// Its name.
        public let name: Name
        /// Where it is called.
        public let hook: Hook
        /// What reaches its end is dropped.
        public let policyDrops: Bool

        /// A base chain.
        public init(name: Name, hook: Hook, policyDrops: Bool) {
            self.name = name
            self.hook = hook
            self.policyDrops = policyDrops
        }
    }

    /// What a rule asks of a packet. `isNegated`: anything but that.
    public enum Condition: Hashable, Sendable {
        /// The link that it comes in by, or goes out by. A name may end with `*`.
        case link(isInput: Bool, [String], isNegated: Bool)
        /// Its family.
        case family(IPAddress.Family)
        /// Its connection's state: `new`, `established`, …
        case state([String], isNegated: Bool)
        /// Its connection's status: `dnat`, …
        case status([String], isNegated: Bool)
        /// Its source, or its destination.
        case address(isSource: Bool, [IPPrefix], isNegated: Bool)
        /// Its destination port.
        case port([ClosedRange<UInt16>], isNegated: Bool)
        /// Something that some packets fulfil and others do not.
        case other
    }

    /// What becomes of a packet that fulfils all conditions.
    public enum Verdict: Hashable, Sendable {
        /// It passes this base chain.
        case accept
        /// It is dropped or rejected.
        case drop
        /// Another chain decides, then the next rule.
        case jump(String)
        /// Another chain decides.
        case goto(String)
        /// The chain ends here.
        case returns
    }

    /// A rule that decides something.
    public struct Rule: Hashable, Sendable {
        /// All must be fulfilled.
        public let conditions: [Condition]
        /// What then happens.
        public let verdict: Verdict

        /// A rule.
        public init(_ conditions: [Condition], _ verdict: Verdict) {
            self.conditions = conditions
            self.verdict = verdict
        }
    }

    /// Base chains, in the order in which the kernel calls them.
    public var bases: [Base] = []
    /// The rules of these chains and of those that they lead to.
    public var rules: [Name: [Rule]] = [:]
    /// Chains of these names are in the same tables, though nothing may lead there: they tell whose a table is.
    public var landmarks: Set<Name> = []
    /// The families for which iptables-legacy has a filter table, of which nftables shows nothing.
    public var legacyFamilies: [IPAddress.Family] = []

    /// No rules of others.
    public init() {}
}
