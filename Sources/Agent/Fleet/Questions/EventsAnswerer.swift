import Model

/// Answers what happened here, from the log on disk: what was there when it was asked, then what comes, in batches.
struct EventsAnswerer: Answerer {
    /// How often the log is looked at, and so how many batches there may be.
    static let interval = Duration.milliseconds(150)
    /// A batch of what comes has as many bytes and events at most: what is more is left out, and counted.
    static let batchSize = 32 << 10
    static let batchCount = 128
    /// As many events from before are sent at most.
    static let historyCount = 5000

    let kind = EventsQuestion.kind
    let dataDirectory: String

    func answer(_ body: JSONValue, _ writer: inout AnswerWriter) async throws(Diagnostic) {
        let question = try EventsQuestion(body)
        let reader = EventReader(dataDirectory: dataDirectory)
        let history = reader.newestLines(
            question.last ?? .max, question.filter,
            NewestLines(size: question.size, count: Self.historyCount), since: question.begun)
        var next = history.leftOut + history.lines.count
        try await writer.write(
            EventBatch(first: history.leftOut, lines: history.lines).json, isLast: !question.follows)
        guard question.follows else { return }
        while !Task.isCancelled {
            var news = NewestLines(size: Self.batchSize, count: Self.batchCount)
            reader.advance { line in
                if let event = try? JSONValue(parsing: line), question.filter.admits(event) { news.append(line) }
            }
            if news.leftOut > 0 || !news.lines.isEmpty {
                let batch = EventBatch(first: next + news.leftOut, lines: news.lines)
                next = batch.first + batch.lines.count
                try await writer.write(batch.json, isLive: true)
            }
            try? await Task.sleep(for: Self.interval)
        }
    }
}
