import Model
import Testing

@Suite struct JSONTextTests {
    private let value: JSONValue = [
        "text": "a\"b\\c\n\r\t\u{1}é😀", "numbers": [0, -1, .double(1.5)], "empty": [:], "none": [], "null": nil,
        "flags": [true, false], "nested": ["a": ["b": [["c": 1]]]],
    ]

    @Test func roundTrips() throws {
        #expect(try JSONValue(parsing: value.text().utf8) == value)
        #expect(try JSONValue(parsing: value.text(pretty: true).utf8) == value)
        #expect(!value.text().contains("\n"))
    }

    @Test func layout() {
        let small: JSONValue = ["a": [1, 2], "b": [:]]
        #expect(small.text() == #"{"a":[1,2],"b":{}}"#)
        #expect(small.text(pretty: true) == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}")
    }

    @Test func escapes() {
        #expect(JSONValue.string("\u{0}\u{1f}\u{7f}").text() == "\"\\u0000\\u001f\u{7f}\"")
        #expect(JSONValue.double(.nan).text() == "null" && JSONValue.double(.infinity).text() == "null")
    }

    @Test func everyScalarBelow256AndSomeAbove() throws {
        for code in (0 as UInt32..<256).map({ $0 }) + [0x2028, 0xfffd, 0x1f600] {
            let text = String(try #require(Unicode.Scalar(code)))
            #expect(try JSONValue(parsing: JSONValue.string(text).text().utf8) == .string(text))
        }
    }
}
