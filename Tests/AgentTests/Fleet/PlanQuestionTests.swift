import Foundation
import Manifests
import Model
import Planning
import Synchronization
import Testing

@testable import Agent

@Suite struct PlanQuestionTests {
    private static let web = """
        apiVersion: reconcile/v1
        kind: Container
        metadata: { name: web }
        spec:
          rootfs: /rootfs
          command: [sleep, "1"]
          mounts: [{ source: ./site, target: /srv }, { source: ./none, target: /none }, { source: /etc, target: /e }]
        """

    private func question(_ directory: String, _ paths: [String]) throws -> PlanQuestion {
        try FileManager.default.createDirectory(atPath: directory + "/m/site", withIntermediateDirectories: true)
        try Self.web.write(toFile: directory + "/m/web.yaml", atomically: true, encoding: .utf8)
        let snapshot = ManifestLoader.load(paths: paths)
        #expect(snapshot.diagnostics == [])
        return PlanQuestion(snapshot, paths: paths, revision: "abc", style: .ansi, allowsMassDelete: true)
    }

    /// Relative paths are those of the node's own directory, and what comes with the manifests is not missed there.
    @Test func manifestsComeInPlaceOfTheNodesOwn() async throws {
        try await withDirectory { directory in
            let asked = try question(directory, [directory + "/./m/"])
            let question = try PlanQuestion(try JSONValue(parsing: Array(asked.json.text().utf8)))
            #expect(question == asked)
            let input = question.input(ownRoot: "/own/site")
            #expect(input.prunes && !input.hasErrors && input.revision == "abc")
            let sources = input.resources.containers.first?.mounts.compactMap(\.source)
            #expect(sources == ["/own/site/site", "/own/site/none", "/etc"])
            #expect(input.arriving == ["/own/site/site"])
            #expect(input.resources.containers.first?.metadata.position?.file.hasSuffix("/m/web.yaml") == true)
            // Of a node without manifests all is as where it was asked.
            let alone = question.input(ownRoot: nil)
            #expect(alone.resources.containers.first?.mounts.first?.source == directory + "/m/site")
        }
    }

    /// Files that are named one by one prune nothing, and stay where they are.
    @Test func filesStayWhereTheyAre() async throws {
        try await withDirectory { directory in
            let question = try question(directory, [directory + "/m/web.yaml"])
            let input = question.input(ownRoot: "/own")
            #expect(!input.prunes && input.arriving.isEmpty)
            #expect(input.resources.containers.first?.mounts.first?.source == directory + "/m/site")
        }
    }

    @Test func pathsMove() {
        #expect(PlanPaths.absolute("/a/./b//../c/") == "/a/c" && PlanPaths.absolute("/..") == "/")
        #expect(PlanPaths.absolute("x").hasSuffix("/x") && PlanPaths.absolute("x").hasPrefix("/"))
        func moved(_ path: String, _ old: String?, _ new: String?) -> String {
            PlanPaths.moved(path, from: old, to: new)
        }
        #expect(
            moved("/a/b", "/a", "/c") == "/c/b" && moved("/a", "/a", "/c") == "/c" && moved("/ab", "/a", "/c") == "/ab")
        #expect(
            moved("/a/b", "/", "/c") == "/c/a/b" && moved("/a/b", "/a", "/") == "/b" && moved("/a", "/a", "/") == "/")
        #expect(moved("/a/b", nil, "/c") == "/a/b" && moved("/a/b", "/a", nil) == "/a/b")
    }

    @Test(arguments: [
        "{}", "[]", #"{"files":[{}],"allowMassDelete":true,"partial":false}"#,
        #"{"files":[{"path":"a","directory":"b","text":""}],"allowMassDelete":true,"partial":false}"#,
        #"{"files":[],"allowMassDelete":1,"partial":false}"#,
        #"{"files":[],"allowMassDelete":true,"partial":false,"style":"loud"}"#,
    ])
    func whatIsNoQuestionIsRefused(text: String) throws {
        let json = try JSONValue(parsing: Array(text.utf8))
        #expect(throws: Diagnostic.self) { try PlanQuestion(json) }
    }

    @Test func anAnswerIsReadBack() throws {
        let id = ObjectID.link("br-front")
        var plan = Plan(changes: [creation(id)], revision: "abc")
        plan.diagnostics = [
            Diagnostic(
                code: "x", "it is wrong", cause: "c", hint: "h", resource: .network("front"),
                position: SourcePosition(file: "a.yaml", line: 2, column: 3))
        ]
        for style: TextStyle? in [nil, .plain, .ansi] {
            let sent = NodePlan(plan, style: style)
            let read = NodePlan(answer: try JSONValue(parsing: Array(sent.answer.text().utf8)))
            #expect(read.json == sent.json && read.text == sent.text && read.diagnostics == plan.diagnostics)
            #expect(read.hasChanges && read.hasErrors && (style == nil) == read.text.isEmpty)
            #expect(style != nil || read.json == plan.json)
        }
        #expect(NodePlan(answer: ["plan": 1]).hasErrors)
    }

    @Test func oneStatusTellsOfAllNodes() {
        let same = NodePlan(Plan(), style: nil)
        let other = NodePlan(Plan(changes: [creation(.link("a"))]), style: nil)
        let wrong = NodePlan(Diagnostic(code: "node-away", "away"))
        #expect(NodePlan.status([]) == 0 && NodePlan.status([same, same]) == 0)
        #expect(NodePlan.status([same, other]) == 2 && NodePlan.status([other, same]) == 2)
        #expect(NodePlan.status([wrong, other]) == 1 && NodePlan.status([other, wrong]) == 1)
        #expect(NodePlan.status([same, wrong, same]) == 1)
        #expect(wrong.json["changes"] == nil, "no plan is no empty plan")
    }
}

@Suite struct PreviewQueueTests {
    private final class Refusals: Sendable { let count = Atomic(0) }

    private let wakes = Countdown(0)

    private func queue() -> PreviewQueue { PreviewQueue { [wakes] in _ = wakes.decrement() } }

    private func awaitRequest(_ queue: PreviewQueue) async throws -> PreviewQueue.Request {
        for _ in 0..<6000 {
            if let request = queue.take() { return request }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Diagnostic(code: "none", "no request")
    }

    @Test(.timeLimit(.minutes(10))) func whoAsksIsAnsweredOnce() async throws {
        let queue = queue()
        async let asked = queue.plan(.nothing, allowsMassDelete: true)
        let request = try await awaitRequest(queue)
        #expect(queue.isEmpty && queue.take() == nil)
        queue.settle(request.id, .success(Plan(revision: "abc")))
        queue.settle(request.id, .success(Plan(revision: "later")))
        #expect(try await asked.get().revision == "abc")
        // Who asks wakes before it waits, but after the question is there to be taken.
        #expect(wakes.decrement() == -2, "woken once")
    }

    @Test(.timeLimit(.minutes(10))) func whoGivesUpIsNotPlannedFor() async throws {
        let queue = queue()
        let task = Task { await queue.plan(.nothing, allowsMassDelete: false) }
        for _ in 0..<6000 where queue.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        task.cancel()
        await #expect(throws: Diagnostic.self) { try await task.value.get() }
        #expect(queue.isEmpty && queue.take() == nil)
    }

    @Test(.timeLimit(.minutes(10))) func tooManyAreRefusedAndAnEndAnswersAll() async throws {
        let queue = queue()
        let refusals = Refusals()
        let tasks = (0..<(PreviewQueue.limit + 3)).map { _ in
            Task {
                let answer = await queue.plan(.nothing, allowsMassDelete: false)
                if case .failure = answer { refusals.count.add(1, ordering: .relaxed) }
                return answer
            }
        }
        // Then all others wait.
        for _ in 0..<6000 where refusals.count.load(ordering: .relaxed) < 3 {
            try await Task.sleep(for: .milliseconds(10))
        }
        queue.close()
        var codes: [String: Int] = [:]
        for task in tasks {
            guard case .failure(let problem) = await task.value else { continue }
            codes[problem.code, default: 0] += 1
        }
        #expect(codes == ["questions-too-many": 3, "agent-ends": PreviewQueue.limit])
        guard case .failure = await queue.plan(.nothing, allowsMassDelete: false) else {
            Issue.record("it is closed")
            return
        }
    }
}
