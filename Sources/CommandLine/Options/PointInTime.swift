import Agent
import ArgumentParser
import Manifests

/// A point in time on the command line: how long ago (`10m`, as in manifests), or an RFC 3339 time in UTC.
enum PointInTime: ExpressibleByArgument, Equatable {
    case ago(Duration)
    /// Milliseconds since 1970.
    case at(Int64)

    init?(argument: String) {
        if let time = Timestamp.milliseconds(argument) {
            self = .at(time)
        } else if let duration = DurationText.parse(argument) {
            self = .ago(duration)
        } else {
            return nil
        }
    }

    /// Milliseconds since 1970.
    func milliseconds(now: Int64) -> Int64 {
        switch self {
        case .at(let time): time
        case .ago(let duration):
            now - duration.components.seconds * 1000 - duration.components.attoseconds / 1_000_000_000_000_000
        }
    }
}
