import LinuxHost
import Model

/// A file of the host's administrator: words, separated by blanks and lines, with comments after `#`.
enum WordFile {
    /// The words of a file, each as what it means, in order; nothing where there is no file. Throws `problem` with the
    /// place of the first word that means nothing.
    static func read<Meaning>(
        _ path: String, problem: (Substring) -> Diagnostic, meaning: (Substring) -> Meaning?
    ) throws(Diagnostic) -> [Meaning] {
        try parse(SmallFile.read(path) ?? "", path: path, problem: problem, meaning: meaning)
    }

    /// The same of its text.
    static func parse<Meaning>(
        _ text: String, path: String, problem: (Substring) -> Diagnostic, meaning: (Substring) -> Meaning?
    ) throws(Diagnostic) -> [Meaning] {
        var meanings: [Meaning] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for word in line.prefix(while: { $0 != "#" }).split(whereSeparator: \.isWhitespace) {
                guard let meaning = meaning(word) else {
                    var problem = problem(word)
                    problem.position = SourcePosition(file: path, line: number + 1, column: 1)
                    throw problem
                }
                meanings.append(meaning)
            }
        }
        return meanings
    }
}
