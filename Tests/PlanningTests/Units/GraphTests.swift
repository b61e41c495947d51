import Model
import Planning
import Testing

/// The picture of a host, in each of the languages that it is drawn in.
@Suite struct GraphTests {
    private let topology = Topology(
        uplink: .init(name: "eth0", mtu: 1500),
        networks: [
            .init(name: "front", kind: "bridge", subnets: ["10.20.0.0/24"], leadsOut: true),
            .init(name: "end", kind: "bridge, internal", subnets: ["10.21.0.0/24"], leadsOut: false),
        ],
        containers: [
            .init(
                name: "web", image: "nginx:1.27", state: "running",
                attachments: [
                    .init(network: "front", label: "eth0 10.20.0.10"), .init(network: "end", label: "eth1 10.21.0.10"),
                ], ports: ["8080 → 80/tcp"]),
            .init(
                name: "db", image: "rootfs:/a \"b\" <c> & d#e\\n`", state: "exited",
                attachments: [.init(network: "end")]),
        ])

    @Test func mermaid() {
        #expect(
            MermaidGraph(topology).render() == #"""
                flowchart LR
                    c0["db (exited)<br/>rootfs:/a #quot;b#quot; #lt;c#gt; #amp; d#35;e\n#96;"]
                    c1["web<br/>nginx:1.27"]
                    n0{{"end<br/>bridge, internal<br/>10.21.0.0/24"}}
                    n1{{"front<br/>bridge<br/>10.20.0.0/24"}}
                    uplink(["eth0<br/>mtu 1500"])
                    c0 --- n0
                    p0(["8080 → 80/tcp"])
                    p0 --> c1
                    c1 ---|"eth0 10.20.0.10"| n1
                    c1 ---|"eth1 10.21.0.10"| n0
                    n1 --> uplink
                    classDef down stroke-dasharray: 4 3
                    class c0 down

                """#)
    }

    @Test func dot() {
        #expect(
            DotGraph(topology).render() == #"""
                digraph reconcile {
                    rankdir=LR;
                    node [fontname="monospace", fontsize=11];
                    edge [fontname="monospace", fontsize=9];
                    "container/db" [label="db (exited)\nrootfs:/a \"b\" <c> &amp; d#e\\n`", shape=box, style="rounded,dashed"];
                    "container/web" [label="web\nnginx:1.27", shape=box, style=rounded];
                    "network/end" [label="end\nbridge, internal\n10.21.0.0/24", shape=hexagon];
                    "network/front" [label="front\nbridge\n10.20.0.0/24", shape=hexagon];
                    "uplink" [label="eth0\nmtu 1500", shape=ellipse];
                    "container/db" -> "network/end" [dir=none];
                    "port/web/8080 → 80/tcp" [label="8080 → 80/tcp", shape=plaintext];
                    "port/web/8080 → 80/tcp" -> "container/web";
                    "container/web" -> "network/front" [dir=none, label="eth0 10.20.0.10"];
                    "container/web" -> "network/end" [dir=none, label="eth1 10.21.0.10"];
                    "network/front" -> uplink;
                }

                """#)
    }

    @Test func svgSaysWhatThereIsAndEscapesIt() {
        let lines = SVGGraph(topology).render().split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=") == true)
        #expect(lines.last == "</svg>")
        let texts = lines.filter { $0.hasPrefix("<text ") }.compactMap { $0.split(separator: ">").dropFirst().first }
        let shown = texts.map { String($0.prefix { $0 != "<" }) }
        #expect(shown.contains("rootfs:/a &quot;b&quot; &lt;c&gt; &amp; d#e\\n`"))
        for text in ["web", "db (exited)", "eth0 10.20.0.10", "8080 → 80/tcp", "10.21.0.0/24", "mtu 1500"] {
            #expect(shown.contains(text), "\(text)")
        }
        // A port, three attachments, a way out.
        #expect(lines.filter { $0.hasPrefix("<path ") }.count == 5)
        // The container that is down and the network that leads nowhere.
        #expect(lines.filter { $0.contains("stroke-dasharray") }.count == 2)
    }

    /// No box lies over another one, and none outside of the picture: whatever there is to be drawn.
    @Test func boxesAreApart() throws {
        for seed in 0..<40 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let networks = (0..<Int.random(in: 0...6, using: &random)).map {
                Topology.Network(
                    name: "n\($0)", kind: "bridge", subnets: Array(repeating: "10.0.0.0/8", count: $0 % 3),
                    leadsOut: $0 % 2 == 0)
            }
            let containers = (0..<Int.random(in: 0...12, using: &random)).map { number in
                Topology.Container(
                    name: "c\(number)", image: String(repeating: "x", count: Int.random(in: 1...50, using: &random)),
                    attachments: networks.shuffled(using: &random).prefix(number % 3).map {
                        Topology.Attachment(network: $0.name, label: "eth0 10.0.0.1")
                    }, ports: (0..<Int.random(in: 0...5, using: &random)).map { "\(8000 + $0) → 80/tcp" })
            }
            let svg = SVGGraph(Topology(networks: networks, containers: containers)).render()
            let size = try #require(svg.split(separator: "viewBox=\"0 0 ").last).prefix { $0 != "\"" }.split(
                separator: " ")
            let boxes = svg.split(separator: "\n").filter { $0.hasPrefix("<rect x=") }.map(Self.numbers)
            for (index, box) in boxes.enumerated() {
                #expect(box[0] + box[2] <= Int(size[0]) ?? 0 && box[1] + box[3] <= Int(size[1]) ?? 0, "seed \(seed)")
                for other in boxes[(index + 1)...] {
                    let isApart =
                        box[0] + box[2] <= other[0] || other[0] + other[2] <= box[0] || box[1] + box[3] <= other[1]
                        || other[1] + other[3] <= box[1]
                    #expect(isApart, "seed \(seed): \(box) \(other)")
                }
            }
        }
    }

    /// x, y, width and height of a box.
    private static func numbers(_ line: Substring) -> [Int] {
        line.split(separator: "\"").prefix(8).compactMap { Int($0) }
    }

    @Test func nothingIsDrawnOfNothing() {
        #expect(MermaidGraph(Topology()).render() == "flowchart LR\n")
        #expect(SVGGraph(Topology()).render().contains("<svg") && !SVGGraph(Topology()).render().contains("<text"))
    }
}
