import Agent
import ArgumentParser
import Drivers
import Model

/// `reconcile port NAME [PORT[/PROTO]]`: as `docker port`, to the letter.
struct PortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "port", abstract: "Show the published ports of a container or service, as docker port does.",
        discussion: """
            EXAMPLES
              reconcile port web            80/tcp -> 0.0.0.0:8080
              reconcile port web 80         0.0.0.0:8080
            """)

    @Argument(help: ArgumentHelp("The container or service.", valueName: "name"))
    var name: String

    @Argument(
        help: ArgumentHelp("Only this port of the container; the protocol defaults to tcp.", valueName: "port[/proto]"))
    var port: String?

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        let wanted = try port.map(Self.parse)
        try await console.exiting { () throws(Diagnostic) in
            let look = try await Inspection.look(options.settings)
            let known = look.desired.resources.union(look.owned)
            guard let id = [ResourceID.container(name), .service(name)].first(where: known.contains) else {
                throw Diagnostic(
                    code: "not-found", "there is no container or service \(name)",
                    hint: Inspection.whereabouts(of: name, look))
            }
            let ports = InspectReport(look).ports(id.publisher).filter { port in
                wanted.map { $0.0 == port.container && $0.1 == port.transport } ?? true
            }
            if wanted != nil, ports.isEmpty {
                throw Diagnostic(code: "not-published", "no public port '\(port ?? "")' published for \(name)")
            }
            if console.isJSON {
                console.write(.array(ports.map(Self.json)))
            } else {
                for line in Self.lines(ports, isShort: wanted != nil) { console.write(line + "\n") }
            }
            return 0
        }
    }

    private static func parse(_ text: String) throws -> (UInt16, TransportProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let port = UInt16(parts[0]), parts.count <= 2,
            let transport = TransportProtocol(rawValue: parts.count == 2 ? String(parts[1]) : "tcp")
        else { throw ValidationError("\"\(text)\" is no PORT or PORT/PROTOCOL, such as 80 or 53/udp") }
        return (port, transport)
    }

    /// Docker's lines, in Docker's order: sorted as text, but numbers in it by their value.
    static func lines(_ ports: [PublishedPort], isShort: Bool) -> [String] {
        ports.map { text($0, isShort: isShort) }.sorted(by: NaturalOrder.isBefore)
    }

    private static func text(_ port: PublishedPort, isShort: Bool) -> String {
        let address = port.hostAddress
        let host = address.family == .ipv6 ? "[\(address)]:\(port.host)" : "\(address):\(port.host)"
        return isShort ? host : "\(port.container)/\(port.transport.rawValue) -> \(host)"
    }

    private static func json(_ port: PublishedPort) -> JSONValue {
        [
            "address": .string(port.hostAddress.description), "host": .int(Int64(port.host)),
            "container": .int(Int64(port.container)), "protocol": .string(port.transport.rawValue),
        ]
    }
}
