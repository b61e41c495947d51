import Glibc
import Manifests
import Model
import Testing

@Suite struct YAMLTests {
    private static let head = "apiVersion: reconcile/v1\nkind: Container\nmetadata: { name: web }\n"

    @Test func mergeKeysAndAnchors() throws {
        let web = try container(
            """
            image: nginx
            environment: &base { A: one, B: two }
            nodeSelector: { <<: *base, B: three }
            sysctls: &net { net.a.b: 1 }
            networks:
              - &n { name: bridge, aliases: &names [a, b] }
            dns: { search: *names }
            """)
        #expect(web.nodeSelector == ["A": "one", "B": "three"])
        #expect(web.dns.search == ["a", "b"])
    }

    @Test func laterMergesDoNotOverride() {
        let file = decode(
            Self.head + "spec:\n  image: nginx\n  environment: &a { X: a }\n  nodeSelector: &b { X: b, Y: b }\n"
                + "  sysctls: {}\n  dns: {}\n---\n" + Self.head.replacing("web", with: "c")
                + "spec:\n  image: nginx\n  nodeSelector: { <<: [&l { X: l }, { X: m, Y: m }] }\n")
        #expect(file.diagnostics.isEmpty, "\(file.diagnostics)")
        #expect(file.resources.containers.first { $0.metadata.name == "c" }?.nodeSelector == ["X": "l", "Y": "m"])
    }

    @Test(arguments: [
        "", "---\n", "---\n---\n", "# only a comment\n", "\u{feff}", "null\n", "--- ~\n...\n", "%YAML 1.1\n---\n",
    ])
    func emptyDocuments(_ text: String) {
        let file = decode(text)
        #expect(file.diagnostics.isEmpty && file.resources.ids.isEmpty, "\(file.diagnostics)")
    }

    @Test func byteOrderMarkKeepsColumns() {
        let file = decode("\u{feff}apiVersion: v1\n")
        #expect(file.diagnostics.first { $0.code == "invalid-value" }?.position?.column == 13)
        #expect(decode("\u{feff}" + Self.head + "spec: { image: nginx }\n").diagnostics.isEmpty)
    }

    @Test func severalDocumentsAmongEmptyOnes() {
        let second = Self.head.replacing("web", with: "b")
        let file = decode(
            "---\n# none\n---\n\(Self.head)spec: { image: a }\n---\n...\n---\n\(second)spec: { image: b }\n---\n")
        #expect(file.resources.ids.map(\.name) == ["b", "web"] && file.diagnostics.isEmpty)
    }

    /// Each is 10 MiB of one thing, or close: an answer in seconds, whatever it is.
    @Test(
        arguments: [
            "[", "{", "- ", "a: ", "\"", "'", "&a ", "*a ", "? ", "!", "|\n", "\n", "a\n", "- a\n", "---\n", "[]", ",",
            "\t", " ", "%", "# ",
        ],
        [true, false])
    func tenMebibytesOfOneThing(_ piece: String, _ isClosed: Bool) {
        let text = String(repeating: piece, count: (10 << 20) / piece.utf8.count / (piece.utf8.count < 3 ? 1 : 4))
        let start = processorTime()
        _ = decode(isClosed ? "a: [\(text)]\n" : text)
        #expect(processorTime() - start < .seconds(60))
    }

    /// What this thread has used: other tests want the processors, too.
    private func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Duration.seconds(time.tv_sec) + Duration.nanoseconds(time.tv_nsec)
    }

    @Test func tenMebibytesOfManifests() {
        var text = ""
        for number in 0..<50_000 {
            text += "---\napiVersion: reconcile/v1\nkind: Container\nmetadata: { name: web-\(number) }\n"
            text += "spec:\n  image: docker.io/library/nginx:1.27\n  environment: { NUMBER: \"\(number)\" }\n"
            text += "  # a comment that makes the document longer, as people do\n"
        }
        #expect(text.utf8.count > 10 << 20)
        let file = decode(text)
        #expect(file.diagnostics.isEmpty && file.resources.containers.count == 50_000)
    }

    @Test func errorsOfOneFileAreBounded() {
        let file = decode(String(repeating: "--- x\n", count: 5_000))
        #expect(file.diagnostics.count == 1_001 && file.diagnostics.last?.code == "too-many-errors")
    }

    @Test func tooLarge() {
        let file = ManifestDecoder.decode(
            bytes: [UInt8](repeating: 32, count: (64 << 20) + 1), path: "a", directory: "/")
        #expect(file.diagnostics.map(\.code) == ["file-too-large"])
    }

    /// What is cut off anywhere, or has any byte changed, gives an answer.
    @Test func everyPrefixAndMutation() throws {
        let whole = Array(
            (Self.head + "spec: { image: &i nginx, ports: [\"8-9:8-9\"], x: *i, <<: {a: b} }\n--- é\n").utf8)
        for length in 0..<whole.count {
            _ = ManifestDecoder.decode(bytes: Array(whole[..<length]), path: "a", directory: "/")
            for byte: UInt8 in [0, 9, 10, 34, 38, 42, 45, 58, 60, 91, 93, 123, 125, 0x80, 0xc2, 0xff] {
                var changed = whole
                changed[length] = byte
                _ = ManifestDecoder.decode(bytes: changed, path: "a", directory: "/")
            }
        }
    }
}
