/// Where the boxes of a picture stand: four columns from left to right, ports, containers, networks, the uplink. Every
/// edge leads from a column to the next one, so none crosses a box.
struct GraphLayout {
    /// A box with lines of text. Units are pixels of SVG.
    struct Box: Hashable {
        var x = 0
        var y = 0
        var width: Int
        let height: Int
        let lines: [String]

        /// The height of a line at its middle.
        func middle(of line: Int) -> Int {
            y + GraphLayout.padding + line * GraphLayout.lineHeight + GraphLayout.lineHeight / 2
        }
        var middle: Int { y + height / 2 }
        var right: Int { x + width }
        var bottom: Int { y + height }
    }

    static let lineHeight = 18
    static let padding = 8
    static let gap = 22
    static let columnGap = 90
    static let margin = 24
    /// Of a character of 12 pixels: monospaced fonts have 0.6 of their size, most a little less.
    static let tenthsOfCharacter = 73

    /// Containers in the order in which they are drawn, by their place in the topology.
    let order: [Int]
    /// By container in that order, one box a port.
    private(set) var ports: [[Box]]
    /// In that order.
    private(set) var containers: [Box]
    /// As in the topology.
    private(set) var networks: [Box]
    private(set) var uplink: Box?
    private(set) var width = 0
    private(set) var height = 0

    init(_ topology: Topology) {
        let numbers = topology.networkNumbers
        // Containers beside their networks: by the mean place of these, then by name.
        func place(_ index: Int) -> Double {
            let own = topology.containers[index].attachments.compactMap { numbers[$0.network] }
            return own.isEmpty ? .infinity : Double(own.reduce(0, +)) / Double(own.count)
        }
        let places = topology.containers.indices.map(place)
        order = topology.containers.indices.sorted {
            places[$0] == places[$1] ? $0 < $1 : places[$0] < places[$1]
        }
        containers = order.map { index in
            let container = topology.containers[index]
            return Self.box([container.title, container.image] + container.attachments.map(Self.line))
        }
        Self.widen(&containers)
        ports = order.map { topology.containers[$0].ports.map { Self.box([$0]) } }
        networks = topology.networks.map { Self.box([$0.name, $0.kind] + $0.subnets) }
        Self.widen(&networks)
        uplink = topology.showsUplink ? Self.box(topology.uplinkLines) : nil
        arrange()
    }

    /// Gives a column one width, so that edges begin and end where no box of it is.
    private static func widen(_ boxes: inout [Box]) {
        let widest = boxes.map(\.width).max() ?? 0
        for index in boxes.indices { boxes[index].width = widest }
    }

    /// The line of an attachment in its container's box; its edge begins beside it.
    private static func line(_ attachment: Topology.Attachment) -> String {
        attachment.label.isEmpty ? attachment.network : attachment.label
    }

    private static func box(_ lines: [String]) -> Box {
        let longest = lines.map(\.count).max() ?? 0
        return Box(
            width: (longest * tenthsOfCharacter + 9) / 10 + 2 * padding, height: lines.count * lineHeight + 2 * padding,
            lines: lines)
    }

    private mutating func arrange() {
        var x = Self.margin
        // A container stands in the middle of its ports, which may need more room than it does.
        var y = Self.margin
        let portWidth = ports.joined().map(\.width).max()
        if let portWidth { x += portWidth + Self.columnGap }
        for index in containers.indices {
            let needed = ports[index].reduce(-Self.gap / 2) { $0 + $1.height + Self.gap / 2 }
            let room = max(needed, containers[index].height)
            var top = y + (room - max(needed, 0)) / 2
            for port in ports[index].indices {
                ports[index][port].x = Self.margin + (portWidth ?? 0) - ports[index][port].width
                ports[index][port].y = top
                top += ports[index][port].height + Self.gap / 2
            }
            containers[index].x = x
            containers[index].y = y + (room - containers[index].height) / 2
            y += room + Self.gap
        }
        let tall = max(
            y, Self.height(of: networks) + Self.margin, uplink.map { $0.height + Self.margin + Self.gap } ?? 0)
        if let widest = containers.map(\.width).max() { x += widest + Self.columnGap }
        y = Self.margin + (tall - Self.margin - Self.height(of: networks)) / 2
        for index in networks.indices {
            networks[index].x = x
            networks[index].y = y
            y += networks[index].height + Self.gap
        }
        if let widest = networks.map(\.width).max() { x += widest + Self.columnGap }
        if var box = uplink {
            box.x = x
            box.y = Self.margin + (tall - Self.margin - Self.gap - box.height) / 2
            uplink = box
            x += box.width + Self.columnGap
        }
        width = max(x - Self.columnGap, Self.margin) + Self.margin
        height = tall - Self.gap + Self.margin
    }

    private static func height(of boxes: [Box]) -> Int { boxes.reduce(0) { $0 + $1.height + gap } }
}
