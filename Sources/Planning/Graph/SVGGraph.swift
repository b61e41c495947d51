/// A topology as a picture of its own: SVG without scripts, fonts or anything else from outside.
public struct SVGGraph: Sendable {
    private let topology: Topology

    /// Colours of networks and of what leads to them; after the last they begin anew.
    private static let colours = [
        "#1f6feb", "#bf5b00", "#1a7f37", "#8250df", "#cf222e", "#0a7a86", "#a03d77", "#6b6400",
    ]

    /// Prepares a topology for being drawn.
    public init(_ topology: Topology) { self.topology = topology }

    /// The document, ending with a line break.
    public func render() -> String {
        let layout = GraphLayout(topology)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(layout.width)\" height=\"\(layout.height)\" "
                + "viewBox=\"0 0 \(layout.width) \(layout.height)\" font-family=\"monospace\" font-size=\"12\">",
            "<title>Networks, containers, published ports and the uplink</title>",
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
        ]
        edges(layout, into: &lines)
        for (place, index) in layout.order.enumerated() {
            for port in layout.ports[place] { box(port, "#57606a", radius: 9, fill: "#f6f8fa", into: &lines) }
            let container = topology.containers[index]
            box(
                layout.containers[place], container.isDown ? "#8c959f" : "#24292f", radius: 4,
                isDashed: container.isDown, into: &lines)
        }
        for (index, network) in layout.networks.enumerated() {
            box(network, colour(index), radius: 14, isDashed: !topology.networks[index].leadsOut, into: &lines)
        }
        if let uplink = layout.uplink { box(uplink, "#24292f", radius: 20, fill: "#f6f8fa", into: &lines) }
        return lines.joined(separator: "\n") + "\n</svg>\n"
    }

    private func colour(_ network: Int) -> String { Self.colours[network % Self.colours.count] }

    /// Edges come first, so that boxes lie over their ends.
    private func edges(_ layout: GraphLayout, into lines: inout [String]) {
        let numbers = topology.networkNumbers
        for (place, index) in layout.order.enumerated() {
            let container = layout.containers[place]
            for port in layout.ports[place] {
                edge((port.right, port.middle), (container.x, container.middle), "#57606a", into: &lines)
            }
            for (row, attachment) in topology.containers[index].attachments.enumerated() {
                guard let number = numbers[attachment.network] else { continue }
                let network = layout.networks[number]
                // Below title and image each attachment has a line.
                edge(
                    (container.right, container.middle(of: row + 2)), (network.x, network.middle), colour(number),
                    into: &lines)
            }
        }
        guard let uplink = layout.uplink else { return }
        for (index, network) in layout.networks.enumerated() where topology.networks[index].leadsOut {
            edge((network.right, network.middle), (uplink.x, uplink.middle), colour(index), into: &lines)
        }
    }

    private func edge(_ from: (x: Int, y: Int), _ to: (x: Int, y: Int), _ colour: String, into lines: inout [String]) {
        let bend = (to.x - from.x) / 2
        lines.append(
            "<path d=\"M \(from.x) \(from.y) C \(from.x + bend) \(from.y), \(to.x - bend) \(to.y), \(to.x) \(to.y)\" "
                + "fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\"/>")
    }

    private func box(
        _ box: GraphLayout.Box, _ colour: String, radius: Int, fill: String = "#ffffff", isDashed: Bool = false,
        into lines: inout [String]
    ) {
        lines.append(
            "<rect x=\"\(box.x)\" y=\"\(box.y)\" width=\"\(box.width)\" height=\"\(box.height)\" rx=\"\(radius)\" "
                + "fill=\"\(fill)\" stroke=\"\(colour)\" stroke-width=\"1.5\""
                + (isDashed ? " stroke-dasharray=\"5 3\"" : "") + "/>")
        for (row, text) in box.lines.enumerated() {
            let isTitle = row == 0
            lines.append(
                "<text x=\"\(box.x + GraphLayout.padding)\" y=\"\(box.middle(of: row) + 4)\" "
                    + "fill=\"\(isTitle ? colour : "#57606a")\"\(isTitle && box.lines.count > 1 ? " font-weight=\"bold\"" : "")>"
                    + "\(Self.escape(text))</text>")
        }
    }

    /// Text of XML; what XML 1.0 forbids even as a reference is replaced.
    static func escape(_ text: String) -> String {
        var out = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "\n", "\r", "\t": out += " "
            case "\u{0}"..."\u{1f}", "\u{fffe}", "\u{ffff}": out += "\u{fffd}"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}
