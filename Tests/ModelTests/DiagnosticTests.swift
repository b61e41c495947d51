import Model
import Testing

@Suite struct DiagnosticTests {
    private let position = SourcePosition(file: "web.yaml", line: 12, column: 3)

    @Test func inFull() {
        let diagnostic = Diagnostic(
            code: "unknown-field", "imagee is not a field", cause: "typo", hint: "did you mean image?",
            resource: .container("web"), position: position, excerpt: .init(line: "\timagee: x", length: 6))
        #expect(
            "\(diagnostic)" == """
                web.yaml:12:3: error: imagee is not a field
                 12 | \timagee: x
                    | \t ^~~~~~
                  cause: typo
                  hint: did you mean image?
                """)
    }

    @Test func withoutAPlace() {
        #expect("\(Diagnostic(.warning, code: "x", "odd", resource: .network("a")))" == "warning: network/a: odd")
        #expect("\(Diagnostic(.note, code: "x", "odd"))" == "note: odd")
    }

    @Test func positionsSort() {
        let places = [(2, 1), (1, 9), (1, 2)].map { SourcePosition(file: "a", line: $0.0, column: $0.1) }
        #expect(places.sorted().map(\.description) == ["a:1:2", "a:1:9", "a:2:1"])
        #expect(places[0] < SourcePosition(file: "b", line: 1, column: 1))
    }
}
