import Model
import Testing

@testable import CommandLine

@Suite struct NodeChoiceTests {
    @Test func allNodesAreThoseOfTheFleet() throws {
        let choice = try NodeChoice([], live: ["n10", "n2"], known: ["n2", "n3"])
        #expect(choice.present == ["n2", "n10"] && choice.away == ["n3"])
        let named = try NodeChoice(["n3", "n10", "n10"], live: ["n10", "n2"], known: ["n3"])
        #expect(named.present == ["n10"] && named.away == ["n3"])
    }

    @Test func anUnknownOneIsAnErrorThatListsThem() {
        #expect {
            try NodeChoice(["n2", "m"], live: ["n10", "n2"], known: ["n3"])
        } throws: { error in
            let problem = error as? Diagnostic
            return problem?.code == "node-unknown" && problem?.hint == "its nodes are n2, n3, n10"
        }
    }
}
