import Glibc
import Model

/// A node's own certificate that does not hold by the node's own clock: then the clock is wrong, or the certificate is
/// over. Whoever checks certificates says only that one is not accepted.
enum ClockFault: Hashable {
    /// It is not valid yet: from a time on, in seconds since 1970.
    case early(Int64)
    /// It is not valid any more: since a time, in seconds since 1970.
    case late(Int64)

    /// `nil` where the certificate holds, or cannot be read.
    init?(_ certificate: String, at now: Int64) {
        guard let facts = try? CertificateFacts(pem: certificate) else { return nil }
        if now < facts.begins {
            self = .early(facts.begins)
        } else if now > facts.ends {
            self = .late(facts.ends)
        } else {
            return nil
        }
    }

    /// What is wrong with certificates, with this as the reason. It is worded without the time of day: what goes on is
    /// told once.
    func explain(_ problem: Diagnostic) -> Diagnostic {
        guard problem.code == EtcdCode.certificate || problem.code == EtcdCode.refused else { return problem }
        var problem = problem
        switch self {
        case .early(let time):
            problem.hint =
                "this host's clock is behind: by it the node's own certificate is not valid before \(Self.text(time))"
        case .late(let time):
            problem.hint =
                "by this host's clock the node's own certificate ended at \(Self.text(time)): set the clock right, or join "
                + "again with a new bundle"
        }
        return problem
    }

    /// A time in UTC, in the form of RFC 3339.
    private static func text(_ seconds: Int64) -> String {
        var (time, parts) = (time_t(seconds), tm())
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(1900 + parts.tm_year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
