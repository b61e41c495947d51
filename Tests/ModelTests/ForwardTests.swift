import Testing

@testable import Model

@Suite struct ForwardTests {
    private let six = IPAddress("fd00:20::a")
    private let four = IPAddress("10.20.0.10")

    @Test func anObjectIsReadBack() throws {
        for (address, target) in [(try #require(six), "[fd00:20::a]:80"), (try #require(four), "10.20.0.10:80")] {
            let forward = Forward(Forward.Key(8080, .udp), to: address, port: 80, owner: .container("web"))
            #expect(forward.target == target)
            #expect(forward.id.title == "forward [::1]:8080/udp")
            let object = KernelObject(
                forward.id, owner: forward.owner, fields: [Field(.target, .string(target)), Field(.listening, true)])
            #expect(Forward(object) == forward)
        }
    }

    @Test(arguments: ["[::1]:8080", "8080/tcp", "[::1]:/tcp", "[::1]:70000/tcp", "[::1]:80/icmp", "[::2]:80/tcp"])
    func otherNamesAreNoForwards(_ name: String) { #expect(Forward.key(name) == nil) }

    @Test(arguments: ["", "10.0.0.1", "fd00::1:80", "[10.0.0.1]:80", "10.0.0.1:", "[fd00::1]:99999"])
    func otherTargetsAreNone(_ text: String) { #expect(Forward.endpoint(text) == nil) }

    @Test func aTableIsOneForwardALineAndComesBack() throws {
        let address = try #require(six)
        let forwards = [
            Forward(Forward.Key(8081, .tcp), to: address, port: 81, owner: .container("b")),
            Forward(Forward.Key(8080, .udp), to: address, port: 53, owner: .container("a")),
            Forward(Forward.Key(8080, .tcp), to: try #require(four), port: 80, owner: .container("a")),
        ]
        let table = ForwardTable(
            generation: 3, forwards: forwards,
            outcomes: [forwards[0].key: .socket(4711), forwards[1].key: .failed("bind: \"no\"")])
        #expect(
            table.text == """
                {"generation":3,"forwards":[
                {"listen":"[::1]:8080/tcp","target":"10.20.0.10:80","owner":"container/a"},
                {"listen":"[::1]:8080/udp","target":"[fd00:20::a]:53","owner":"container/a","error":"bind: \\"no\\""},
                {"listen":"[::1]:8081/tcp","target":"[fd00:20::a]:81","owner":"container/b","socket":4711}]}

                """)
        #expect(ForwardTable(text: table.text) == table)
        #expect(ForwardTable(text: ForwardTable().text) == ForwardTable())
    }

    @Test func aTableOfALaterVersionIsRead() throws {
        let text = """
            {"version":2,"generation":1,"forwards":[
            {"listen":"[::1]:80/tcp","target":"10.0.0.1:80","owner":"container/a","colour":"red"}]}
            """
        #expect(ForwardTable(text: text)?.forwards.count == 1)
    }

    @Test(arguments: ["", "{}", "{\"generation\":1}", "{\"generation\":1,\"forwards\":[{\"listen\":\"x\"}]}"])
    func otherTextIsNoTable(_ text: String) { #expect(ForwardTable(text: text) == nil) }
}
