internal import GRPCCore
import Model

/// What an error of a call to a member of etcd means.
struct EtcdFailure: Error {
    let diagnostic: Diagnostic
    /// True where another member may do better.
    let isOfMember: Bool

    init(_ error: any Error, _ endpoint: EtcdEndpoint) {
        if let known = error as? Diagnostic {
            self.init(known, isOfMember: false)
        } else if let error = error as? RPCError {
            self.init(error, endpoint)
        } else if error is CancellationError {
            self.init(Diagnostic(code: EtcdCode.cancelled, "the call to etcd was given up"), isOfMember: false)
        } else {
            self.init(Self.connection(String(describing: error), endpoint), isOfMember: true)
        }
    }

    private init(_ diagnostic: Diagnostic, isOfMember: Bool) {
        self.diagnostic = diagnostic
        self.isOfMember = isOfMember
    }

    private init(_ error: RPCError, _ endpoint: EtcdEndpoint) {
        let words = error.message
        func failure(_ code: String, _ message: String, hint: String? = nil, isOfMember: Bool = false) -> EtcdFailure {
            EtcdFailure(
                Diagnostic(code: code, message, cause: "\(error.code): \(words)", hint: hint), isOfMember: isOfMember)
        }
        switch error.code {
        // grpc ends a call whose time is over by cancelling it; that of the caller's task is told by its own error.
        case .cancelled where Task.isCancelled:
            self = failure(EtcdCode.cancelled, "the call to etcd was given up")
        case .deadlineExceeded, .cancelled:
            self = failure(EtcdCode.timeout, "etcd at \(endpoint) does not answer in time", isOfMember: true)
        case .unavailable where words.contains("etcdserver:"):
            self = failure(
                EtcdCode.noLeader, "etcd at \(endpoint) has no leader",
                hint: "more than half of etcd's members must run and reach each other", isOfMember: true)
        case .unavailable:
            self.init(Self.connection(Self.chain(error), endpoint), isOfMember: true)
        case .resourceExhausted where words.contains("space exceeded"):
            self = failure(
                EtcdCode.full, "etcd is full and takes no more writes",
                hint: "compact and defragment it, then clear the alarm: etcdctl alarm disarm")
        case .outOfRange where words.contains("compacted"):
            self = failure(EtcdCode.compacted, "etcd no longer has the changes that were asked for")
        case .notFound where words.contains("lease not found"):
            self = failure(EtcdCode.leaseLost, "the lease is over")
        case .permissionDenied, .unauthenticated:
            self = failure(
                EtcdCode.denied, "etcd at \(endpoint) does not allow it",
                hint: "its user for this node needs read and write access to /reconcile/")
        default:
            let isBusy = words.contains("no leader") || words.contains("timed out") || words.contains("leader changed")
            self =
                isBusy
                ? failure(EtcdCode.noLeader, "etcd at \(endpoint) has no leader", isOfMember: true)
                : failure(EtcdCode.failed, "etcd at \(endpoint) failed")
        }
    }

    /// The words of an error and of what lies behind it.
    private static func chain(_ error: RPCError) -> String {
        var words = [error.message]
        var next = error.cause
        while let cause = next, words.count < 6 {
            if let inner = cause as? RPCError {
                words.append(inner.message)
                next = inner.cause
            } else {
                words.append(String(describing: cause))
                next = nil
            }
        }
        return words.joined(separator: ": ")
    }

    /// BoringSSL's reason without its numbers and places; other words as they are.
    private static func reason(_ words: String) -> String {
        guard let start = words.firstRange(of: "OPENSSL_internal:")?.upperBound else { return words }
        return "TLS: " + words[start...].prefix { $0 == "_" || $0.isUppercase || $0.isNumber }
    }

    /// What kept a connection from being made. BoringSSL's reasons are words in capitals.
    static func connection(_ all: String, _ endpoint: EtcdEndpoint) -> Diagnostic {
        let (capitals, words) = (all.uppercased(), reason(all))
        if capitals.contains("CERTIFICATE_VERIFY_FAILED") || capitals.contains("UNABLETOVALIDATECERTIFICATE")
            || capitals.contains("FAILEDTOVALIDATEHOSTNAME") || capitals.contains("WRONG_VERSION_NUMBER")
        {
            return Diagnostic(
                code: EtcdCode.certificate, "the certificate of etcd at \(endpoint) is not accepted", cause: words,
                hint: "it must be of the fleet's authority, for this address, and valid by this host's clock")
        }
        if capitals.contains("ALERT") {
            return Diagnostic(
                code: EtcdCode.refused, "etcd at \(endpoint) does not accept this node's certificate", cause: words,
                hint:
                    "it is expired, or not valid yet by the clock there, or etcd trusts another authority; join again with "
                    + "a new bundle")
        }
        if words.contains("before completing the HTTP/2 connection preface") {
            return Diagnostic(
                code: EtcdCode.revoked, "etcd at \(endpoint) ends connections with this node's certificate",
                cause: words, hint: "the certificate may be revoked; join again with a new bundle")
        }
        return Diagnostic(
            code: EtcdCode.unreachable, "etcd at \(endpoint) cannot be reached", cause: words,
            hint: "it must run, and TCP port \(endpoint.port) must be open to this node")
    }
}
