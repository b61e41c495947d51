import Model
import Testing

@Suite struct FieldCodingTests {
    private let fields = [
        Field("text", "a\"b\nc"), Field("empty", ""), Field("number", -5), Field("flag", true),
        Field("items", .list(["a", "", "b c"])), Field("none", .list([])), Field("environment.X", .secret("hunter2")),
        Field("digest", .unknown("after pull")),
    ]

    @Test func roundTrips() throws {
        let json = FieldCoding.encode(fields)
        #expect(FieldCoding.decode(json) == fields)
        #expect(FieldCoding.decode(try JSONValue(parsing: json.text().utf8)) == fields)
        #expect(FieldCoding.decode([]) == [])
    }

    @Test(
        arguments: [
            nil, [:], "x", [nil], [["a"]], [["a", 1, 2]], [[1, "a"]], [["a", nil]], [["a", .double(1.5)]],
            [["a", ["other": "x"]]], [["a", ["secret": 1]]],
        ] as [JSONValue])
    func refuses(_ json: JSONValue) { #expect(FieldCoding.decode(json) == nil) }

    @Test func hashLeavesOutWhatIsNoWish() {
        let base = FieldCoding.hash(fields)
        #expect(base.hasPrefix("v2:") && base.utf8.count == 19)
        #expect(FieldCoding.hash(fields + [Field(.state, "exited")]) == base)
        #expect(FieldCoding.hash(fields.filter { $0.name != .digest }) == base)
        #expect(FieldCoding.hash(fields.filter { $0.name != "flag" }) != base)
        // What a process is told of its surroundings changes in place; of version 1 it was a part.
        let told = fields + [Field(.hosts, .list(["127.0.0.1 localhost"])), Field(.resolver, .list(["x"]))]
        #expect(FieldCoding.hash(told) == base)
        let first = FieldCoding.firstHash(fields)
        #expect(first.hasPrefix("v1:") && FieldCoding.firstHash(told) != first)
        // A secret counts as any other value.
        let other = fields.map { $0.name == "environment.X" ? Field($0.name, .secret("hunter3")) : $0 }
        #expect(FieldCoding.hash(other) != base)
    }

    @Test func secretsAreNotShown() {
        let secret = FieldValue.secret("hunter2")
        #expect(secret.description == "(sensitive)" && secret.json == "(sensitive)")
        #expect(FieldValue.unknown("after pull").description == "(known after pull)")
        #expect(FieldValue.string("").description == "(none)" && FieldValue.list(["a", "b"]).description == "[a, b]")
        #expect(KernelObject(.process("web"), fields: [Field("x", secret)]).json == ["x": "(sensitive)"])
    }
}
