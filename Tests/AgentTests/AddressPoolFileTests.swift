import Foundation
import Model
import Testing

@testable import Agent

@Suite struct AddressPoolFileTests {
    @Test func linesAndComments() throws {
        let text = "# for containers\n10.200.0.0/16:24   # the first\n\n  fd00:200::/48:64\n10.210.0.0/16:20"
        let pools = try AddressPoolFile.parse(text, path: "pools")
        #expect(pools.map(\.description) == ["10.200.0.0/16:24", "fd00:200::/48:64", "10.210.0.0/16:20"])
        #expect(try AddressPoolFile.parse("", path: "pools").isEmpty)
    }

    @Test func aWrongLineIsNamed() throws {
        let error = #expect(throws: Diagnostic.self) {
            try AddressPoolFile.parse("10.200.0.0/16:24\n10.200.0.0/16\n", path: "/etc/pools")
        }
        #expect(error?.position?.line == 2 && error?.position?.file == "/etc/pools")
        #expect(error?.message.contains("10.200.0.0/16") == true)
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
