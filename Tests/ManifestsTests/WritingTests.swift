import Manifests
import Model
import Testing

@Suite struct WritingTests {
    /// What both YAML 1.1 and 1.2, and their readers, could take for something else.
    static let traps = [
        "", " ", "a b", "yes", "No", "on", "OFF", "y", "N", "true", "False", "null", "Null", "~", "1", "1.5", "-1",
        "+1",
        ".5", "0x1f", "0o17", "017", "1e3", "1_000", "12:30:45", "1:20", ".inf", "-.INF", ".nan", "2026-01-31",
        "2026-01-31T09:05:07Z", "=", "<<", "-", "- a", "-a", "?", "? a", ":", "a:", "a: b", "a #b", "#a", "a#b", "&a",
        "*a",
        "!a", "!!str a", "|", ">", "'", "\"", "a'b", "a\"b", "\\", "a\\nb", "%a", "@a", "`a`", "{", "}", "[", "]",
        "{a}",
        "[a]", ",", "a, b", "---", "...", "--- a", "a\nb", "\n", "a\n", "\ta", "a\t", " a", "a ", "a\r\nb", "\u{85}",
        "\u{2028}",
        "\u{2029}", "\u{feff}a", "\u{7f}", "\u{1}", "\u{1b}[31m", "é", "日本", "🐳", "\u{10ffff}", "\u{fffe}",
        "nginx:1.27",
        "docker.io/library/nginx:1.27", "/srv", "a/b", "10.20.0.0/24", "fd00::1", "02:42:0a:14:00:01", "$HOME", "inf",
        "NaN",
    ]

    /// Every text comes back through our own reader: as a value, an item, and a key.
    @Test(arguments: traps) func textsComeBack(_ text: String) throws {
        let key = text.isEmpty || text.contains("=") ? "K" : text
        var container = Container(metadata: Metadata(name: "web"), image: .registry("docker.io/library/x:1"))
        container.environment = ["A": text]
        container.environment[key] = text
        container.command = ["sh", text, "end"]
        container.args = []
        let yaml = ManifestWriter.yaml(ResourceSet(containers: [container]))
        let file = decode(yaml)
        #expect(file.diagnostics.isEmpty, "\(file.diagnostics)\n\(yaml)")
        let read = try #require(file.resources.containers.first)
        #expect(read.environment == container.environment && read.command == container.command && read.args == [])
    }

    @Test func randomTextsComeBack() throws {
        var generator = SystemRandomNumberGenerator()
        let signs = Self.traps.filter { !$0.isEmpty } + (0x20..<0x7f).map { String(UnicodeScalar($0)) }
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                signs.randomElement(using: &generator) ?? ""
            }.joined()
            try textsComeBack(text)
        }
    }

    @Test(arguments: ["whole.yaml", "every-field.yaml"]) func examplesComeBack(_ name: String) throws {
        func bare(_ resources: ResourceSet) -> ResourceSet {
            var resources = resources
            for index in resources.networks.indices {
                resources.networks[index].metadata.position = nil
                resources.networks[index].metadata.fieldPositions = [:]
            }
            for index in resources.containers.indices {
                resources.containers[index].metadata.position = nil
                resources.containers[index].metadata.fieldPositions = [:]
            }
            for index in resources.services.indices {
                resources.services[index].metadata.position = nil
                resources.services[index].metadata.fieldPositions = [:]
                resources.services[index].template.metadata.position = nil
                resources.services[index].template.metadata.fieldPositions = [:]
            }
            return resources
        }
        let file = try example(name)
        let again = decode(ManifestWriter.yaml(file.resources))
        #expect(again.diagnostics.isEmpty, "\(again.diagnostics)")
        #expect(bare(again.resources) == bare(file.resources))
    }

    @Test func looksAsPeopleWriteIt() throws {
        var container = Container(
            metadata: Metadata(name: "web", annotations: ["reconcile/mode": "detect-only"]),
            image: .registry("docker.io/library/nginx:1.27"),
            networks: [Attachment(network: "front"), Attachment(network: "back", ipv4: IPAddress("10.21.0.5"))])
        container.ports = [
            PortMapping(host: 8080...8080, container: 80),
            PortMapping(address: IPAddress("::1"), host: nil, container: 53, transport: .udp),
        ]
        #expect(
            ManifestWriter.yaml(
                ResourceSet(networks: [Network(metadata: Metadata(name: "back"))], containers: [container])) == """
                    apiVersion: reconcile/v1
                    kind: Network
                    metadata:
                      name: back
                    spec: {}
                    ---
                    apiVersion: reconcile/v1
                    kind: Container
                    metadata:
                      name: web
                      annotations:
                        reconcile/mode: detect-only
                    spec:
                      image: docker.io/library/nginx:1.27
                      networks:
                        - front
                        - name: back
                          ipv4: "10.21.0.5"
                      ports:
                        - "8080:80"
                        - "[::1]::53/udp"

                    """)
    }
}
