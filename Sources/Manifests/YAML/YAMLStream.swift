import CYAML
import Model

/// Reads a file's documents with libyaml, one parser for as long as the syntax holds.
///
/// After a syntax error libyaml cannot go on. A line that begins with `---` always begins a document, whatever stands
/// before it, so the next one is where a fresh parser takes over: a broken document does not hide the errors of others.
struct YAMLStream {
    let source: SourceText
    private(set) var composer: YAMLComposer

    /// Reads all documents; the errors are those of syntax, keys and aliases.
    static func read(_ source: SourceText) -> (tree: YAMLTree, diagnostics: [Diagnostic], errorCount: Int) {
        if let problem = source.encodingProblem() { return (YAMLTree(isIncomplete: true), [problem], 1) }
        var stream = YAMLStream(source: source, composer: YAMLComposer(file: source.path, size: source.bytes.count))
        source.bytes.withUnsafeBufferPointer { stream.read($0) }
        return (stream.composer.tree, stream.composer.diagnostics, stream.composer.errorCount)
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
        var offset = source.start
        var line = 1
        while offset < bytes.count {
            composer.begin(line: line)
            let failedAt = parse(UnsafeBufferPointer(rebasing: bytes[offset...]))
            guard let failedAt, composer.diagnostics.count < Decoding.limit else { return }
            var next: (offset: Int, line: Int)?
            let after = composer.documentLine
            SourceText.forEachLine(bytes, from: offset, number: line) { number, range in
                guard number > after, number >= failedAt, Self.beginsDocument(bytes[range]) else { return true }
                next = (range.lowerBound, number)
                return false
            }
            guard let next else { return }
            (offset, line) = next
        }
    }

    private static func beginsDocument(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        line.starts(with: [45, 45, 45])
            && (line.count == 3 || line[line.startIndex + 3] == 32 || line[line.startIndex + 3] == 9)
    }

    /// Feeds the composer. Returns the line of the syntax error that ended it, if one did.
    private mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            if composer.admitError() { composer.report(Diagnostic(code: "yaml-syntax", "out of memory")) }
            return nil
        }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
        var event = yaml_event_t()
        while true {
            guard yaml_parser_parse(&parser, &event) == 1 else {
                let problem = YAMLProblem(parser, file: source.path, baseLine: composer.baseLine)
                composer.abandonDocument()
                if composer.admitError() { composer.report(problem.diagnostic) }
                return problem.line
            }
            let type = event.type
            let goesOn = composer.take(event)
            yaml_event_delete(&event)
            if type == YAML_STREAM_END_EVENT { return nil }
            if !goesOn { return composer.baseLine + Int(parser.mark.line) }
        }
    }
}
