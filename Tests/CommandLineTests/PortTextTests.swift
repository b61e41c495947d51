import Drivers
import Model
import Testing

@testable import CommandLine

/// The lines and the order of `docker port`.
@Suite struct PortTextTests {
    private func port(
        _ host: UInt16, _ container: UInt16, _ address: String? = nil, _ family: IPAddress.Family = .ipv4,
        _ transport: TransportProtocol = .tcp
    ) -> PublishedPort {
        PublishedPort(
            address: address.flatMap { IPAddress($0) }, family: family, host: host, container: container,
            transport: transport)
    }

    @Test func linesAreSortedAsDockerSortsThem() {
        let ports = [
            port(8443, 443), port(8443, 443, nil, .ipv6), port(9090, 80), port(8080, 80, "127.0.0.1"),
            port(8080, 80, "10.0.0.9"), port(8080, 80, "10.0.0.10"), port(5353, 53, nil, .ipv4, .udp),
            port(5353, 53, nil, .ipv4, .tcp), port(7000, 80, "::1", .ipv6),
        ]
        #expect(
            PortCommand.lines(ports.shuffled(), isShort: false) == [
                "53/tcp -> 0.0.0.0:5353", "53/udp -> 0.0.0.0:5353", "80/tcp -> 0.0.0.0:9090",
                "80/tcp -> 10.0.0.9:8080", "80/tcp -> 10.0.0.10:8080", "80/tcp -> 127.0.0.1:8080",
                "80/tcp -> [::1]:7000", "443/tcp -> 0.0.0.0:8443", "443/tcp -> [::]:8443",
            ])
        #expect(
            PortCommand.lines([port(10000, 80), port(9999, 80)], isShort: true) == ["0.0.0.0:9999", "0.0.0.0:10000"])
    }

    @Test(arguments: [
        ("a2", "a10", true), ("a10", "a2", false), ("a", "a1", true), ("a1", "a", false), ("2b", "2a", false),
        ("a02", "a2", false), ("a2", "a02", false), ("", "a", true), ("", "", false), ("9", "10", true),
    ])
    func numbersCountByValue(_ left: String, _ right: String, _ isBefore: Bool) {
        #expect(NaturalOrder.isBefore(left, right) == isBefore)
    }
}
