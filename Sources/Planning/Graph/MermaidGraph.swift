/// A topology as a Mermaid flowchart, which GitHub and GitLab draw where it stands in Markdown.
public struct MermaidGraph: Sendable {
    private let topology: Topology

    /// Prepares a topology for being drawn.
    public init(_ topology: Topology) { self.topology = topology }

    /// The text, ending with a line break. Nodes are numbered, since names may be words of Mermaid's (`end`).
    public func render() -> String {
        var lines = ["flowchart LR"]
        func node(_ id: String, _ open: String, _ text: [String], _ close: String) {
            lines.append("    \(id)\(open)\"\(text.map(Self.escape).joined(separator: "<br/>"))\"\(close)")
        }
        let numbers = topology.networkNumbers
        for (index, container) in topology.containers.enumerated() {
            node("c\(index)", "[", [container.title, container.image], "]")
        }
        for (index, network) in topology.networks.enumerated() {
            node("n\(index)", "{{", [network.name, network.kind] + network.subnets, "}}")
        }
        if topology.showsUplink { node("uplink", "([", topology.uplinkLines, "])") }
        var port = 0
        for (index, container) in topology.containers.enumerated() {
            for text in container.ports {
                node("p\(port)", "([", [text], "])")
                lines.append("    p\(port) --> c\(index)")
                port += 1
            }
            for attachment in container.attachments {
                guard let number = numbers[attachment.network] else { continue }
                let label = attachment.label.isEmpty ? "" : "|\"\(Self.escape(attachment.label))\"|"
                lines.append("    c\(index) ---\(label) n\(number)")
            }
        }
        for (index, network) in topology.networks.enumerated() where network.leadsOut {
            lines.append("    n\(index) --> uplink")
        }
        let down = topology.containers.indices.filter { topology.containers[$0].isDown }.map { "c\($0)" }
        if !down.isEmpty {
            lines.append("    classDef down stroke-dasharray: 4 3")
            lines.append("    class \(down.joined(separator: ",")) down")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Text inside quotes: Mermaid takes entities by number or name after `#`, and HTML for what it is.
    static func escape(_ text: String) -> String {
        var out = ""
        for character in text.unicodeScalars {
            switch character {
            case "#": out += "#35;"
            case "\"": out += "#quot;"
            case "&": out += "#amp;"
            case "<": out += "#lt;"
            case ">": out += "#gt;"
            case "`": out += "#96;"
            case "\n", "\r", "\t": out += " "
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}
