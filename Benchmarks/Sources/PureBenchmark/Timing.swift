import Glibc

/// Runs a body several times, after once for warming up, and prints medians, shortest and longest in milliseconds: by the
/// clock, and of processor time, which other programs on the machine disturb less.
func time<Result>(_ name: String, size: Int, rounds: Int = 9, _ body: () -> Result) {
    _ = body()
    var wall: [Double] = []
    var processor: [Double] = []
    for _ in 0..<rounds {
        let (start, startProcessor) = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
        _ = body()
        wall.append(now(CLOCK_MONOTONIC) - start)
        processor.append(now(CLOCK_PROCESS_CPUTIME_ID) - startProcessor)
    }
    let perThousand = processor.sorted()[rounds / 2] / Double(size) * 1000
    say("| \(name) | \(size) | \(summary(wall)) | \(summary(processor)) | \(text(perThousand)) |")
}

/// Prints a line at once: print() holds lines back where the output is no terminal.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(1, bytes, bytes.count)
}

private func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}

private func summary(_ times: [Double]) -> String {
    let times = times.sorted()
    return "\(text(times[times.count / 2])) (\(text(times[0]))-\(text(times[times.count - 1])))"
}

private func text(_ milliseconds: Double) -> String {
    let tenths = Int((milliseconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
}
