import Foundation
import Model
import Testing

@testable import Agent

@Suite struct AddressPoolFileTests {
    private func read(_ text: String) async throws -> [AddressPool] {
        try await withDirectory { directory in
            let path = directory + "/pools"
            try Data(text.utf8).write(to: URL(filePath: path))
            return try AddressPoolFile.pools(given: [], path: path)
        }
    }

    @Test func linesAndComments() async throws {
        let pools = try await read(
            "# for containers\n10.200.0.0/16:24   # the first\n\n  fd00:200::/48:64\n10.210.0.0/16:20")
        #expect(pools.map(\.description) == ["10.200.0.0/16:24", "fd00:200::/48:64", "10.210.0.0/16:20"])
        #expect(try await read("") == AddressPool.docker)
    }

    @Test func aWrongLineIsNamed() async throws {
        let error = await #expect(throws: Diagnostic.self) {
            try await read("10.200.0.0/16:24\n10.200.0.0/16\n")
        }
        #expect(error?.position?.line == 2 && error?.position?.file.hasSuffix("/pools") == true)
        #expect(error?.message.contains("10.200.0.0/16") == true)
        let label = #expect(throws: Diagnostic.self) {
            _ = try WordFile.parse(
                "tier=web\n\nzone", path: "/etc/labels", problem: { Diagnostic(code: "node-label", "\($0)") },
                meaning: NodeLabelFile.label)
        }
        #expect(label?.position?.line == 3 && label?.message == "zone")
    }

    @Test func whatIsTypedGoesBeforeTheFile() async throws {
        try await withDirectory { directory in
            let path = directory + "/address-pools"
            #expect(try AddressPoolFile.pools(given: [], path: path) == AddressPool.docker)
            try Data("10.200.0.0/16:24\n".utf8).write(to: URL(filePath: path))
            #expect(try AddressPoolFile.pools(given: [], path: path).map(\.description) == ["10.200.0.0/16:24"])
            let typed = try #require(AddressPool("10.9.0.0/16:24"))
            #expect(try AddressPoolFile.pools(given: [typed], path: path) == [typed])
        }
    }
}
