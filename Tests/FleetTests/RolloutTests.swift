import Model
import Testing

@testable import Fleet

@Suite("The rollout of a commit")
struct RolloutTests {
    /// Three nodes that all have c1 and are healthy.
    private func settled(maxUnavailable: Int = 1) -> RolloutWorld {
        var world = RolloutWorld("a", "b", "c", maxUnavailable: maxUnavailable)
        world.push("c1")
        world.run()
        return world
    }

    @Test("a commit goes to one node at a time, and all get it")
    func oneAtATime() {
        var world = settled()
        #expect(world.rollout.isComplete && world.rollout.record?.previous == "c0" && world.mostChanging == 1)
        world.push("c2")
        world.run()
        #expect(world.rollout.isComplete && world.inForce == ["a": "c2", "b": "c2", "c": "c2"])
        #expect(world.rollout.record?.previous == "c1" && world.rollout.turns.isEmpty && world.mostChanging == 1)
        #expect(world.taken.count == 6)
    }

    @Test("of two nodes that want one turn at the same moment one gets it")
    func race() throws {
        var world = settled()
        world.push("c2")
        world.perform(world.step("a"), by: "a")
        for name in ["a", "b"] {
            for _ in 0..<4 {
                if case .write = world.step(name).action { break }
                world.perform(world.step(name), by: name)
            }
        }
        // Both decide from the same view.
        let steps = ["a", "b"].map { world.step($0) }
        let writes = steps.compactMap { step in if case .write(let write) = step.action { write } else { nil } }
        try #require(writes.count == 2 && writes.allSatisfy { $0.take == 0 })
        #expect(world.commit(writes[0], by: "a") && !world.commit(writes[1], by: "b"))
        #expect(world.step("b").state == .waiting && world.step("b").reason.contains("a is changing"))
    }

    @Test("whatever the order of steps and however old the views, never more are changing than may", arguments: 0..<40)
    func storm(seed: UInt64) {
        var random = Noise(seed)
        let limit = 1 + Int(random.next() % 3)
        var world = RolloutWorld("a", "b", "c", "d", "e", maxUnavailable: limit)
        var views: [String: FleetRollout] = [:]
        var count = 1
        world.push("c1")
        for _ in 0..<3000 {
            let name = ["a", "b", "c", "d", "e"][Int(random.next() % 5)]
            switch random.next() % 20 {
            case 0..<9: world.perform(world.step(name, seeing: views[name]), by: name)
            case 9..<16: views[name] = world.rollout
            case 16: world.settle()
            case 17: world.look(name)
            case 18 where random.next() % 40 == 0 && count < 6:
                count += 1
                world.push("c\(count)", seenBy: [name])
            default: break
            }
            #expect(world.rollout.turns.count <= limit)
        }
        #expect(world.mostChanging <= limit)
        for name in world.nodes.keys { world.look(name) }
        world.run()
        #expect(world.rollout.isComplete, "\(world.rollout)")
        #expect(Set(world.inForce.values) == [world.branch])
    }

    @Test("who waits for what another node gives up lets that one go first")
    func waitsForOthers() {
        for needs in [["a": "c"], ["a": "b", "b": "a"], ["a": "b", "b": "c", "c": "a"]] {
            var world = settled()
            world.needs = needs
            world.push("c2")
            world.run()
            #expect(world.rollout.isComplete && world.inForce == ["a": "c2", "b": "c2", "c": "c2"], "\(needs)")
            #expect(world.rollout.turns.isEmpty)
        }
    }

    @Test("what nobody gives up fails, once all others have had their time")
    func waitsInVain() {
        var world = settled()
        world.needs = ["a": "nobody"]
        world.push("c2")
        let limit = world.rollout.settings.healthyWithin
        // The others take longer than one of them may.
        world.slow = ["c2"]
        world.nodes["a"]?.condition = .healthy
        for _ in 0..<3 {
            world.run(settling: false)
            world.now += limit - 1
            world.slow = []
            world.settle()
            world.slow = ["c2"]
        }
        world.run(settling: false)
        #expect(world.state("a") == .changing && world.rollout.turns.isEmpty)
        #expect(world.state("b") == .healthy && world.state("c") == .healthy)
        #expect(world.step("a").reason == "nobody has its name")
        world.now += limit
        world.run(settling: false)
        #expect(world.rollout.record?.state == .stopped && world.rollout.record?.node == "a")
    }

    @Test("the first node that fails stops it; the others keep what they have")
    func stops() throws {
        var world = settled()
        world.bad = ["c2"]
        world.push("c2")
        world.run()
        #expect(world.rollout.record?.state == .stopped && world.rollout.record?.node == "a")
        #expect(world.rollout.record?.reason == "container/web is unhealthy")
        #expect(world.inForce == ["a": "c2", "b": "c1", "c": "c1"] && world.rollout.turns.isEmpty)
        #expect(world.step("b").state == .waiting && world.step("b").reason.contains("stopped: node a"))
        // What mends it goes forward, and the node that is unwell goes first.
        world.push("c3", seenBy: ["b", "c"])
        for _ in 0..<8 { for name in ["b", "c"] { world.perform(world.step(name), by: name) } }
        #expect(world.inForce == ["a": "c2", "b": "c1", "c": "c1"] && world.rollout.record?.revision == "c3")
        #expect(world.step("b").reason.contains("a failed"))
        world.look("a")
        let before = world.taken.count
        world.run()
        #expect(world.taken[before] == "a c3" && world.rollout.isComplete && world.rollout.record?.previous == "c1")
    }

    @Test("resumed after a failure, the node that failed is judged anew")
    func resumes() throws {
        var world = settled()
        world.bad = ["c2"]
        world.push("c2")
        world.run()
        try world.order(.resume)
        world.run()
        #expect(world.rollout.record?.state == .stopped && world.rollout.record?.node == "a")
        world.bad = []
        world.settle()
        world.nodes["a"]?.condition = .healthy
        try world.order(.resume)
        world.run()
        #expect(world.rollout.isComplete && Set(world.inForce.values) == ["c2"] && world.mostChanging == 1)
    }

    @Test("what takes too long has failed")
    func deadline() {
        var world = settled()
        world.slow = ["c2"]
        world.push("c2")
        world.run()
        #expect(world.state("a") == .changing && world.rollout.record?.state == .running)
        world.now += world.rollout.settings.healthyWithin
        world.run()
        #expect(world.state("a") == .failed && world.rollout.record?.state == .stopped)
        #expect(world.rollout.record?.reason == "not healthy within 300s: it starts")
    }

    @Test("paused, who is changing finishes, nobody else begins, and a newer commit waits, too")
    func pause() throws {
        var world = settled()
        world.slow = ["c2"]
        world.push("c2")
        world.run()
        try world.order(.pause)
        world.slow = []
        world.run()
        #expect(world.inForce == ["a": "c2", "b": "c1", "c": "c1"] && world.state("a") == .healthy)
        #expect(world.rollout.turns.isEmpty && world.step("b").reason == "the rollout is paused")
        world.push("c3")
        world.run()
        #expect(world.rollout.record?.revision == "c3" && world.rollout.record?.isPaused == true)
        #expect(world.inForce == ["a": "c2", "b": "c1", "c": "c1"])
        #expect(throws: Diagnostic.self) { try world.order(.pause) }
        try world.order(.resume)
        world.run()
        #expect(world.rollout.isComplete && world.rollout.record?.revision == "c3")
        #expect(throws: Diagnostic.self) { try world.order(.resume) }
    }

    @Test("undone, the nodes that took it go back in turns, and stay there until another commit comes")
    func undo() throws {
        var world = settled()
        world.bad = ["c2"]
        world.push("c2")
        world.run()
        try world.order(.undo)
        world.run()
        #expect(world.inForce == ["a": "c1", "b": "c1", "c": "c1"] && world.rollout.record?.state == .undone)
        #expect(world.nodes.keys.allSatisfy { world.state($0) == .healthy } && world.rollout.turns.isEmpty)
        // Also a node that is started anew, and one that joins.
        world.nodes["b"] = RolloutNode(name: "b", inForce: "c1", joined: "c2", condition: .healthy)
        world.join("d", inForce: nil)
        for name in ["b", "d"] { world.look(name) }
        world.run()
        #expect(world.rollout.record?.revision == "c2" && world.rollout.record?.sequence == 3)
        #expect(Set(world.inForce.values) == ["c1"] && world.inForce.count == 4)
        #expect(throws: Diagnostic.self) { try world.order(.undo) }
        #expect(throws: Diagnostic.self) { try world.order(.resume) }
        world.push("c3")
        world.run()
        #expect(world.rollout.isComplete && Set(world.inForce.values) == ["c3"])
        #expect(world.rollout.record?.previous == "c1" && world.mostChanging == 1)
    }

    @Test("undone, a node goes back that has one in between, of a rollout that was overtaken")
    func undoOvertaken() throws {
        var world = settled()
        world.slow = ["c2", "c3"]
        world.push("c2")
        world.run()
        #expect(world.inForce == ["a": "c2", "b": "c1", "c": "c1"])
        world.push("c3")
        world.run()
        try world.order(.undo)
        world.slow = []
        world.run()
        #expect(world.inForce == ["a": "c1", "b": "c1", "c": "c1"] && world.mostChanging == 1)
        #expect(world.nodes.keys.allSatisfy { world.state($0) == .healthy } && world.rollout.turns.isEmpty)
    }

    @Test("the time in which a node is to be healthy is not over while all is well and has to stay so")
    func steadying() throws {
        var world = settled()
        world.slow = ["c2"]
        world.push("c2")
        world.run()
        var node = try #require(world.nodes["a"])
        #expect(node.inForce == "c2")
        (node.now, node.tip) = (node.now + 3_600_000, "c2")
        node.condition = .steadying
        #expect(world.rollout.step(of: node).state == .changing)
        node.condition = .settling("container/web is not ready yet")
        #expect(world.rollout.step(of: node).state == .failed)
    }

    @Test("undone where all have it, it goes back one at a time")
    func undoAll() throws {
        var world = settled()
        world.push("c2")
        world.run()
        try world.order(.undo)
        let before = world.taken.count
        world.run()
        #expect(Set(world.inForce.values) == ["c1"] && world.taken.count == before + 3 && world.mostChanging == 1)
    }

    @Test("a node that is lost in its turn stops it, and nobody takes its turn")
    func lost() throws {
        var world = settled()
        world.slow = ["c2"]
        world.push("c2")
        world.run()
        #expect(world.rollout.turns[0]?.node == "a")
        world.lose("a")
        #expect(world.rollout.turns.isEmpty)
        world.run()
        #expect(world.rollout.record?.state == .stopped && world.rollout.record?.node == "a")
        #expect(world.inForce["b"] == "c1" && world.inForce["c"] == "c1")
        #expect(world.rollout.progress["a"]?.state == .failed)
        // It comes back, well: it waits for the operator's word.
        world.slow = []
        world.rollout.live.insert("a")
        world.nodes["a"]?.condition = .healthy
        world.run()
        #expect(world.rollout.record?.state == .stopped && world.inForce["b"] == "c1")
        try world.order(.resume)
        world.run()
        #expect(world.rollout.isComplete)
    }

    @Test("an agent that is killed in its turn and comes back goes on")
    func killed() {
        var world = settled()
        world.push("c2")
        // Up to the turn, and not further.
        for _ in 0..<20 where world.rollout.turns.isEmpty {
            for name in ["a", "b", "c"] where world.rollout.turns.isEmpty { world.perform(world.step(name), by: name) }
        }
        let holder = world.rollout.turns[0]?.node ?? ""
        #expect(world.inForce[holder] == "c1")
        world.nodes[holder] = RolloutNode(
            name: holder, inForce: "c1", joined: world.nodes[holder]?.joined, condition: .settling("it starts"))
        world.look(holder)
        world.run()
        #expect(world.rollout.isComplete && world.mostChanging == 1)
    }

    @Test("a node that is behind does not begin what is older; what is newer is told by the branch")
    func order() {
        var world = settled()
        world.push("c2", seenBy: ["a"])
        world.branch = "c3"
        world.look("a")
        world.perform(world.step("a"), by: "a")
        #expect(world.rollout.record?.revision == "c3")
        // It had seen c2 before it heard of c3.
        world.nodes["b"]?.tip = "c2"
        world.nodes["b"]?.looked = 1
        #expect(world.step("b").action == .look)
        world.run()
        #expect(world.rollout.isComplete && world.rollout.record?.revision == "c3")
        // A branch that is set back is followed: somebody saw it move.
        world.push("c1", seenBy: ["c"])
        world.run()
        #expect(Set(world.inForce.values) == ["c1"] && world.rollout.record?.sequence == 3)
    }

    @Test("a mirror that lags does not take the fleet back")
    func lag() {
        var world = settled()
        world.push("c2", seenBy: ["a"])
        for _ in 0..<8 { world.perform(world.step("a"), by: "a") }
        world.nodes["b"]?.looked = world.rollout.record?.sequence ?? 0
        let step = world.step("b")
        #expect(step.state == .waiting && step.reason.contains("not seen it on its branch"))
        #expect(world.rollout.record?.revision == "c2")
    }

    @Test("what changes nothing needs no turn")
    func nothing() {
        var world = settled()
        world.previews = ["c2": .nothing]
        world.slow = ["c2"]
        world.push("c2")
        world.run()
        #expect(Set(world.inForce.values) == ["c2"] && world.rollout.turns.isEmpty)
        world.slow = []
        world.run()
        #expect(world.rollout.isComplete)
    }

    @Test("what cannot be taken stops it before anything is changed")
    func refused() {
        var world = settled()
        world.previews = ["c2": .refused("web.yaml:3: unknown field")]
        world.push("c2")
        world.run()
        #expect(Set(world.inForce.values) == ["c1"] && world.rollout.record?.state == .stopped)
        #expect(world.rollout.record?.reason == "web.yaml:3: unknown field")
        world.push("c3")
        world.run()
        #expect(world.rollout.isComplete && Set(world.inForce.values) == ["c3"])
    }

    @Test("fewer turns than before: nobody begins until enough have ended")
    func fewerTurns() throws {
        var world = settled(maxUnavailable: 2)
        world.slow = ["c2"]
        world.push("c2")
        world.run()
        #expect(world.rollout.turns.count == 2)
        try world.order(.set(maxUnavailable: 1, healthyWithin: nil))
        // The one with the lower number ends.
        let first = world.rollout.turns[0]?.node ?? ""
        world.nodes[first]?.condition = .healthy
        for _ in 0..<20 { for name in ["a", "b", "c"] { world.perform(world.step(name), by: name) } }
        #expect(world.rollout.turns.count == 1 && world.rollout.turns[0] == nil)
        world.slow = []
        world.run()
        #expect(world.rollout.isComplete)
    }

    @Test("a node without a branch says so, once, and is not waited for")
    func direct() {
        var world = settled()
        world.rollout.live.insert("d")
        let step = world.rollout.step(ofDirect: "d", because: "a directory", at: 5)
        #expect(!world.rollout.isComplete)
        world.perform(step, by: "d")
        #expect(world.rollout.isComplete && world.rollout.current("d")?.reason == "a directory")
        #expect(world.rollout.step(ofDirect: "d", because: "a directory", at: 9).action == .none)
    }

    @Test("there is nothing to tell a rollout that is none")
    func none() {
        for order in [RolloutOrder.pause, .resume, .undo] {
            #expect(throws: Diagnostic.self) { _ = try FleetRollout().write(order, at: 0) }
        }
        var world = RolloutWorld("a", inForce: nil)
        world.push("c1")
        world.run()
        #expect(world.rollout.isComplete)
        #expect(throws: Diagnostic.self) { try world.order(.undo) }
    }

    @Test("values are read back, and those of newer versions as far as they go")
    func values() throws {
        let record = RolloutRecord(
            sequence: 3, revision: "c2", previous: "c1", state: .stopped, isPaused: true, reason: "why", node: "a",
            since: 9)
        #expect(RolloutRecord(try JSONValue(parsing: record.json.text().utf8)) == record)
        let progress = RolloutProgress(
            sequence: 3, revision: "c2", state: .changing, turn: 1, reason: "why", since: 9)
        #expect(RolloutProgress(try JSONValue(parsing: progress.json.text().utf8)) == progress)
        let settings = RolloutSettings(maxUnavailable: 4, healthyWithin: 7000)
        #expect(RolloutSettings(settings.json) == settings)
        #expect(RolloutSettings(["maxUnavailable": 0, "new": []]) == RolloutSettings())
        #expect(RolloutRecord(["sequence": 1, "revision": "c", "state": "splendid"]) == nil)
    }
}

/// Numbers that look like chance and are the same each time (SplitMix64).
private struct Noise {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
