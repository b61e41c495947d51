/// A topology in the DOT language of Graphviz.
public struct DotGraph: Sendable {
    private let topology: Topology

    /// Prepares a topology for being drawn.
    public init(_ topology: Topology) { self.topology = topology }

    /// The text, ending with a line break.
    public func render() -> String {
        var lines = [
            "digraph reconcile {", "    rankdir=LR;", "    node [fontname=\"monospace\", fontsize=11];",
            "    edge [fontname=\"monospace\", fontsize=9];",
        ]
        func node(_ id: String, _ text: [String], _ attributes: String) {
            lines.append("    \(Self.quoted(id)) [label=\(Self.quoted(text)), \(attributes)];")
        }
        for container in topology.containers {
            let style = container.isDown ? "shape=box, style=\"rounded,dashed\"" : "shape=box, style=rounded"
            node("container/\(container.name)", [container.title, container.image], style)
        }
        for network in topology.networks {
            node("network/\(network.name)", [network.name, network.kind] + network.subnets, "shape=hexagon")
        }
        if topology.showsUplink { node("uplink", topology.uplinkLines, "shape=ellipse") }
        let known = topology.networkNumbers
        for container in topology.containers {
            let own = Self.quoted("container/\(container.name)")
            for port in container.ports {
                // Several containers may be shown with one text, as two sets of a host may.
                let id = "port/\(container.name)/\(port)"
                node(id, [port], "shape=plaintext")
                lines.append("    \(Self.quoted(id)) -> \(own);")
            }
            for attachment in container.attachments where known[attachment.network] != nil {
                let network = Self.quoted("network/\(attachment.network)")
                let label = attachment.label.isEmpty ? "" : ", label=\(Self.quoted(attachment.label))"
                lines.append("    \(own) -> \(network) [dir=none\(label)];")
            }
        }
        for network in topology.networks where network.leadsOut {
            lines.append("    \(Self.quoted("network/\(network.name)")) -> uplink;")
        }
        return lines.joined(separator: "\n") + "\n}\n"
    }

    private static func quoted(_ lines: [String]) -> String {
        "\"" + lines.map(escape).joined(separator: "\\n") + "\""
    }

    private static func quoted(_ text: String) -> String { quoted([text]) }

    /// Text inside quotes: a backslash would begin one of Graphviz's escapes, and an ampersand an HTML entity.
    static func escape(_ text: String) -> String {
        var out = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "&": out += "&amp;"
            case "\n", "\r", "\t": out += " "
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}
