import Model
import Testing

@Suite struct JSONParseTests {
    private func parse(_ text: String) throws(Diagnostic) -> JSONValue { try JSONValue(parsing: text.utf8) }

    @Test func reads() throws {
        #expect(
            try parse(" { \"a\" : [ 1 , -2.5e1 , true , false , null , \"x\" ] , \"b\" : { } , \"c\":[] } ") == [
                "a": [1, .double(-25), true, false, nil, "x"], "b": [:], "c": [],
            ])
        #expect(try parse("\"\"") == "" && parse("-9223372036854775808") == .int(.min))
        #expect(try parse("[0,-0,0.5,-0.5e-1,1E+2,10]") == [0, 0, .double(0.5), .double(-0.05), .double(100), 10])
        #expect(try parse("9223372036854775808") == .double(9_223_372_036_854_775_808))
    }

    @Test func keepsOrderAndDuplicates() throws {
        let value = try parse(#"{"b":1,"a":2,"b":3}"#)
        #expect(value.members?.map(\.name) == ["b", "a", "b"] && value["b"] == 1 && value["z"] == nil)
    }

    @Test func escapes() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é""#) == .string("\"\\/\u{8}\u{c}\n\r\tAé😀é"))
        // A lone surrogate is no character.
        #expect(try parse(#""\ud83d!""#) == .string("\u{fffd}!"))
    }

    @Test(arguments: [
        "", " ", "{", "[", "\"", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{,}", "[1,]", "[1 2]", "[,]", "{1:2}",
        "tru", "nul", "truex", "1 2", "[1]]", "\"\\x\"", "\"\\u12\"", "\"\\", "{\"a\" 1}", "-", ".", "1e", "--1", "abc",
        "\u{0}", "[\u{0}]", "1\u{0}", "[1\u{0}]",
        // RFC 8259, section 6: numbers.
        "01", "-01", "00", "+5", "1.", ".5", "-.5", "1.e5", "1e+", "1E-", "0x1", "1_0", "1-2", "Infinity",
        "NaN", "-Infinity", "1e999",
        // Section 7: control characters are escaped.
        "\"a\tb\"", "\"\n\"", "\"\u{0}\"", "\"\u{1f}\"", "\"\\n\t\"", "\"\\u+123\"", "\"\\u-123\"", "\"\\u 123\"",
        // Section 2: white space is four characters.
        "\u{a0}1", "\u{c}1", "1\u{b}", "\u{feff}1",
    ])
    func refuses(_ text: String) {
        #expect(throws: Diagnostic.self) { try parse(text) }
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try parse(nested(500))
        #expect(throws: Diagnostic.self) { try parse(nested(600)) }
        #expect(throws: Diagnostic.self) { try parse(String(repeating: "[", count: 1 << 20)) }
    }

    /// What is cut off anywhere, or has any byte changed, gives an answer: never a crash.
    @Test func everyPrefixAndMutation() {
        let whole = Array(#"{"nftables":[{"rule":{"expr":[1,-2.5,true,null,"\u00e9\n"]}},{}],"x":""}"#.utf8)
        for length in whole.indices {
            #expect(throws: Diagnostic.self) { try JSONValue(parsing: whole[..<length]) }
            for byte: UInt8 in [0, 9, 34, 44, 45, 48, 58, 91, 92, 93, 101, 123, 125, 0x80, 0xff] {
                var changed = whole
                changed[length] = byte
                _ = try? JSONValue(parsing: changed)
            }
        }
    }

    @Test func tellsWhere() {
        do throws(Diagnostic) {
            _ = try parse("[1, x]")
            Issue.record("it was read")
        } catch {
            #expect(error.code == "bad-json" && error.message.contains("byte 4"))
        }
    }
}
