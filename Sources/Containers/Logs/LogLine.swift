/// A line of a container's log in the format that conmon writes (`k8s-file`, Kubernetes' CRI log format):
/// `2026-11-24T00:06:07.560744000+00:00 stdout F text`.
public struct LogLine: Hashable, Sendable {
    /// Where the container wrote it.
    public enum Stream: String, Hashable, Sendable {
        case stdout
        case stderr
    }

    /// RFC 3339 with nanoseconds, as written.
    public var time: String
    /// stdout or stderr.
    public var stream: Stream
    /// `false`: the container's line goes on in the next entry of the same stream.
    public var ends: Bool
    /// What the container wrote, without its line break.
    public var text: String

    /// From a line without its line break; `nil` for another form.
    public init?(_ line: some StringProtocol) {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let stream = Stream(rawValue: String(parts[1])), parts[2] == "F" || parts[2] == "P"
        else { return nil }
        time = String(parts[0])
        self.stream = stream
        ends = parts[2] == "F"
        text = String(parts[3])
    }

    /// What the container wrote, with the line break that it wrote.
    public var output: String { ends ? text + "\n" : text }
}
