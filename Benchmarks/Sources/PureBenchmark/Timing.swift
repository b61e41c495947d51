/// Runs a body several times, after once for warming up, and prints the median, shortest and longest in milliseconds.
func time<Result>(_ name: String, size: Int, rounds: Int = 9, _ body: () -> Result) {
    _ = body()
    let clock = ContinuousClock()
    let times = (0..<rounds).map { _ in
        let duration = clock.measure { _ = body() }.components
        return Double(duration.seconds) * 1e3 + Double(duration.attoseconds) / 1e15
    }.sorted()
    let middle = times[times.count / 2]
    let perThousand = middle / Double(size) * 1000
    print(
        "| \(name) | \(size) | \(text(middle)) (\(text(times[0]))-\(text(times[times.count - 1]))) "
            + "| \(text(perThousand)) |")
}

private func text(_ milliseconds: Double) -> String {
    let tenths = Int((milliseconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
}
