import Model
import Testing

@Suite struct MarkTests {
    @Test(arguments: [
        Mark(set: "default", resource: .network("front")), Mark(set: "staging", resource: .container("web.1")),
        Mark(set: "default", resource: .container("web"), network: "front"),
        Mark(set: "default", resource: .network("lab"), role: Mark.standIn),
    ])
    func roundTrips(_ mark: Mark) { #expect(Mark(alias: mark.alias) == mark) }

    @Test func layout() {
        let mark = Mark(set: "default", resource: .container("web"), network: "front")
        #expect(mark.alias == "reconcile:1 default container/web network/front")
        // A later version may say more.
        #expect(Mark(alias: mark.alias + " more=1") == mark)
        #expect(Mark(alias: "reconcile:1 default container/web more=1 network/front") == mark)
    }

    @Test(arguments: [
        "", "reconcile:1", "reconcile:1 ", "reconcile:1 default", "reconcile:1 default ", "reconcile:1 default web",
        "reconcile:1 default container/", "reconcile:1 default pod/web", "reconcile:2 default container/web",
        "reconcile:10 default container/web", "xreconcile:1 default container/web", "lan uplink", "é",
    ])
    func refuses(_ alias: String) { #expect(Mark(alias: alias) == nil) }

    @Test func everyPrefix() {
        let alias = Mark(set: "default", resource: .container("web"), network: "front").alias
        for length in 0...alias.utf8.count { _ = Mark(alias: String(alias.prefix(length))) }
    }
}
