import Testing

@testable import CommandLine

@Suite struct TextWrapTests {
    @Test func linesAreBrokenBetweenWords() {
        let text = "held at its last good version: a.yaml:5:3"
        #expect(TextWrap.text(text, width: nil, start: 4, indent: 4) == text)
        #expect(TextWrap.text(text, width: 45, start: 4, indent: 4) == text)
        #expect(
            TextWrap.text(text, width: 24, start: 4, indent: 4) == "held at its last\n    good version:\n    a.yaml:5:3"
        )
        for line in TextWrap.text(text, width: 24, indent: 4).split(separator: "\n") { #expect(line.count <= 24) }
    }

    @Test func aLongWordStaysWhole() {
        #expect(TextWrap.text("a 0123456789 b", width: 8, indent: 2) == "a\n  0123456789\n  b")
        #expect(TextWrap.text("0123456789", width: 8, indent: 2) == "0123456789")
    }

    /// Commands are copied: a break within would end them.
    @Test func hintsAreBrokenBetweenCommands() {
        let warning = "warning: one two three\n  cause: four five six\n  hint: open it: nft insert rule x"
        #expect(
            TextWrap.lines(warning, width: 18)
                == "warning: one two\n    three\n  cause: four five\n      six\n  hint: open it: nft insert rule x")
        let hint = "  hint: open it: iptables -I A; iptables -I B"
        #expect(TextWrap.lines(hint, width: 20) == "  hint: open it: iptables -I A;\n      iptables -I B")
        #expect(TextWrap.lines(hint, width: 80) == hint && TextWrap.lines(hint, width: nil) == hint)
    }
}
