import ArgumentParser
import Glibc
import Manifests
import Model
import Planning

/// Where results and errors go, and how they look there.
struct Console: Sendable {
    let style: TextStyle
    let isJSON: Bool
    let logLevel: LogLevel
    let logFormat: LogFormat
    /// Standard output is a terminal that can move its cursor.
    let isTerminal: Bool
    /// How many characters fit into a line of that terminal; `nil` where there is none.
    var width: Int? {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    init(usesColour: Bool, isJSON: Bool, logLevel: LogLevel, logFormat: LogFormat) {
        self.isJSON = isJSON
        self.logLevel = logLevel
        self.logFormat = logFormat
        let isDumb = Self.variable("TERM") == "dumb"
        isTerminal = isatty(STDOUT_FILENO) == 1 && !isDumb
        let wantsNone = !(Self.variable("NO_COLOR") ?? "").isEmpty
        style = usesColour && isTerminal && !wantsNone ? .ansi : .plain
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Writes to standard output.
    func write(_ text: String) { Self.write(text, to: STDOUT_FILENO) }

    /// Writes one JSON document, indented.
    func write(_ json: JSONValue) { write(json.text(pretty: true) + "\n") }

    /// Writes one JSON object on a line.
    func writeLine(_ json: JSONValue) { write(json.text() + "\n") }

    /// Writes a diagnostic to standard error.
    func report(_ diagnostic: Diagnostic) {
        guard shows(diagnostic.severity) else { return }
        if isJSON || logFormat == .json {
            Self.write(diagnostic.json.text() + "\n", to: STDERR_FILENO)
        } else {
            Self.write(coloured(withExcerpt(diagnostic)) + "\n", to: STDERR_FILENO)
        }
    }

    /// Reads the line that a position points at, where it is still there.
    private func withExcerpt(_ diagnostic: Diagnostic) -> Diagnostic {
        guard diagnostic.excerpt == nil, let position = diagnostic.position,
            let line = ManifestLoader.line(position.line, of: position.file)
        else { return diagnostic }
        var diagnostic = diagnostic
        diagnostic.excerpt = Diagnostic.Excerpt(line: line, length: 1)
        return diagnostic
    }

    /// Writes diagnostics, and how many errors there were.
    func report(_ diagnostics: [Diagnostic]) {
        for diagnostic in diagnostics { report(diagnostic) }
        let errors = diagnostics.count { $0.severity == .error }
        if errors > 1, !isJSON, logFormat == .text { Self.write("\(errors) errors\n", to: STDERR_FILENO) }
    }

    private func shows(_ severity: Diagnostic.Severity) -> Bool {
        switch severity {
        case .error: true
        case .warning: logLevel != .error
        case .note: logLevel == .info || logLevel == .debug
        }
    }

    private func coloured(_ diagnostic: Diagnostic) -> String {
        let text = diagnostic.description
        guard style == .ansi, isatty(STDERR_FILENO) == 1 else { return text }
        let word = "\(diagnostic.severity.rawValue):"
        guard let range = text.firstRange(of: word) else { return text }
        let mark = diagnostic.severity == .error ? style.red(word) : style.yellow(word)
        return text.replacingCharacters(in: range, with: mark)
    }

    /// Runs a command's body and ends with the exit status that it answers; an error is reported and ends with 1.
    func exiting(_ body: () async throws(Diagnostic) -> Int32) async throws {
        let status: Int32
        do throws(Diagnostic) { status = try await body() } catch {
            report(error)
            status = 1
        }
        guard status == 0 else { throw ExitCode(status) }
    }

    /// Writes all of a text, whatever part of it a call takes.
    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                done += count
            }
        }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
