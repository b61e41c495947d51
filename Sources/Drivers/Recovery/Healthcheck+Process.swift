import Model

extension Healthcheck {
    /// The check that a process was started with; `nil` where it has none. That is the command, then four settings as `name=value`;
    /// durations as Swift describes them (`30.0 seconds`).
    public init?(of process: KernelObject) {
        guard let items = process.list(.healthcheck), items.count > 4 else { return nil }
        var check = Healthcheck(command: Array(items.dropLast(4)))
        for item in items.suffix(4) {
            let parts = item.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            let seconds = parts[1].hasSuffix(" seconds") ? Double(parts[1].dropLast(8)) : nil
            let duration = seconds.map { Duration.milliseconds(Int64(($0 * 1000).rounded())) }
            switch parts[0] {
            case "interval": check.interval = duration ?? check.interval
            case "timeout": check.timeout = duration ?? check.timeout
            case "retries": check.retries = Int(parts[1]) ?? check.retries
            case "startPeriod": check.startPeriod = duration ?? check.startPeriod
            default: return nil
            }
        }
        self = check
    }
}
