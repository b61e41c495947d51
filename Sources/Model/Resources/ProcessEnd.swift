/// How a container's process ended, as far as that is known.
public struct ProcessEnd: Hashable, Sendable {
    /// 0–255 as shells have it: 128 and a signal's number where one ended it; `nil` where nobody was there to see.
    public var exitCode: Int?
    /// The kernel killed something of the container because its memory was used up.
    public var isOutOfMemory: Bool

    /// An end.
    public init(exitCode: Int?, isOutOfMemory: Bool = false) {
        self.exitCode = exitCode
        self.isOutOfMemory = isOutOfMemory
    }

    /// True where its work was done.
    public var isSuccess: Bool { exitCode == 0 }
}

extension ProcessEnd: CustomStringConvertible {
    /// `exited with code 3`, `exited with code 137 (SIGKILL, out of memory)`.
    public var description: String {
        guard let exitCode else { return "ended, and nobody was there to see how" }
        let signal = exitCode > 128 ? Signals.name(exitCode - 128) : nil
        // Memory that ran out, but was not what ended the process itself, is no news of its end.
        let details = [signal, isOutOfMemory && exitCode == 137 ? "out of memory" : nil].compactMap { $0 }
        return "exited with code \(exitCode)" + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
    }
}
