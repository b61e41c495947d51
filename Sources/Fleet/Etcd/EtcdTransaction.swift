/// Conditions, what to do where all of them hold, and what else. etcd does it as one change, or not at all.
///
/// etcd takes 128 of each at most (`--max-txn-ops`); ``limit`` stays below that.
public struct EtcdTransaction: Sendable {
    /// How many conditions or operations to put into one.
    public static let limit = 100

    /// What must be so.
    public enum Condition: Hashable, Sendable {
        /// There is no such key.
        case absent(String)
        /// The key was last written in this revision.
        case unchanged(String, since: Int64)
        /// The key ends with this lease.
        case leased(String, Int64)
        /// No key begins so.
        case emptyPrefix(String)
    }

    /// What is done.
    public enum Operation: Hashable, Sendable {
        case put(String, [UInt8], lease: Int64)
        case delete(String)
        case get(String)
    }

    /// What became of it.
    public struct Outcome: Sendable {
        /// Whether all conditions held.
        public let succeeded: Bool
        /// The revision after it.
        public let revision: Int64
        /// The answers to `get`, in their order; `nil` for a key that is not there.
        public let found: [EtcdKeyValue?]
    }

    /// All must hold.
    public var conditions: [Condition]
    /// Done where they do.
    public var then: [Operation]
    /// Done where they do not.
    public var otherwise: [Operation]

    /// A transaction by its parts.
    public init(_ conditions: [Condition], then: [Operation], otherwise: [Operation] = []) {
        self.conditions = conditions
        self.then = then
        self.otherwise = otherwise
    }

    /// The same, but where the conditions do not hold it reads what it would have written: for ``wasDone(_:)``.
    var recognizable: EtcdTransaction {
        EtcdTransaction(conditions, then: then, otherwise: then.map { .get($0.key) })
    }

    /// Whether what was read shows that it was carried out before. A client whose answer is lost calls again, and then
    /// the conditions do not hold because of what the first call did.
    func wasDone(_ found: [EtcdKeyValue?]) -> Bool {
        found.count == then.count
            && zip(then, found).allSatisfy { operation, item in
                switch operation {
                case .put(_, let value, let lease): item?.value == value && item?.lease == lease
                case .delete: item == nil
                case .get: true
                }
            }
    }

    var message: Etcdserverpb_TxnRequest {
        .with {
            $0.compare = conditions.map(\.message)
            $0.success = then.map(\.message)
            $0.failure = otherwise.map(\.message)
        }
    }
}

extension EtcdTransaction.Condition {
    var message: Etcdserverpb_Compare {
        .with {
            $0.result = .equal
            switch self {
            case .absent(let key):
                $0.key = EtcdBytes.of(key)
                $0.target = .create
                $0.createRevision = 0
            case .unchanged(let key, let revision):
                $0.key = EtcdBytes.of(key)
                $0.target = .mod
                $0.modRevision = revision
            case .leased(let key, let lease):
                $0.key = EtcdBytes.of(key)
                $0.target = .lease
                $0.lease = lease
            case .emptyPrefix(let prefix):
                // Of no key at all etcd compares an empty one, whose revision is 0.
                $0.key = EtcdBytes.of(prefix)
                $0.rangeEnd = EtcdBytes.end(ofPrefix: prefix)
                $0.target = .create
                $0.createRevision = 0
            }
        }
    }
}

extension EtcdTransaction.Operation {
    /// What it is about.
    var key: String {
        switch self {
        case .put(let key, _, _), .delete(let key), .get(let key): key
        }
    }

    var message: Etcdserverpb_RequestOp {
        .with {
            switch self {
            case .put(let key, let value, let lease):
                $0.requestPut = .with {
                    $0.key = EtcdBytes.of(key)
                    $0.value = EtcdBytes.of(value)
                    $0.lease = lease
                }
            case .delete(let key): $0.requestDeleteRange = .with { $0.key = EtcdBytes.of(key) }
            case .get(let key): $0.requestRange = .with { $0.key = EtcdBytes.of(key) }
            }
        }
    }
}
