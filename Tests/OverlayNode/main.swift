import Agent
import Drivers
import Foundation
import LinuxHost
import Manifests
import Model
import Planning

// The engine on one node of a fleet, with what the fleet would tell read from a file: for tests of what lies below the
// fleet's control plane, and without one.
//
// usage: overlay-node plan|apply DATA FACTS PATH…
// It prints a line an operation of the plan, then how many messages were sent that may change something, and how long
// planning and applying took, in milliseconds.

let arguments = CommandLine.arguments
// The engine starts the forwarder of ::1 and the server of names as another process of the program that it is part of.
if arguments.count > 1, ["forward", "serve-names"].contains(arguments[1]) {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "reconcile").path
    var words = ([program] + arguments.dropFirst()).map { strdup($0) } + [nil]
    execv(program, &words)
    exit(126)
}
guard arguments.count > 4, ["plan", "apply"].contains(arguments[1]) else {
    FileHandle.standardError.write(Data("usage: overlay-node plan|apply DATA FACTS PATH…\n".utf8))
    exit(64)
}

func report(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics { print("\(diagnostic.severity) \(diagnostic.code): \(diagnostic.message)") }
}

func milliseconds(since start: ContinuousClock.Instant) -> Int {
    let (seconds, attoseconds) = start.duration(to: .now).components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
}

struct Silence: PassReporter {
    func willApply(_ plan: Plan, round: Int) {}
    func begins(_ change: Change) {}
    func did(_ change: Change, _ result: OperationResult, in plan: Plan) {}
}

do {
    let facts = try Facts.read(arguments[3])
    let engine = try Engine(
        EngineSettings(dataDirectory: arguments[2], allowsMassDelete: true), fleet: { facts })
    let paths = Array(arguments[4...])
    let input = PassInput(ManifestLoader.load(paths: paths), paths: paths)
    report(input.diagnostics)
    if input.diagnostics.contains(where: { $0.severity == .error }) { exit(1) }
    var start = ContinuousClock.now
    let look = try await engine.look(input)
    report(look.plan.diagnostics)
    for change in look.plan.changes { print("\(change.action) \(change.id)") }
    print("planned \(milliseconds(since: start))")
    var isDone = !look.plan.hasErrors
    if arguments[1] == "apply" {
        start = .now
        let outcome = try await engine.converge(input, from: look, reporter: Silence())
        report(outcome.failures.map(\.diagnostic) + outcome.warnings)
        for change in outcome.remaining.changes { print("left \(change.action) \(change.id) \(change.fields)") }
        isDone = outcome.isConverged
        print("rounds \(outcome.rounds)")
        print("applied \(milliseconds(since: start))")
    }
    print("writes \(LinuxHost.netlinkWrites)")
    exit(isDone ? 0 : 1)
} catch {
    print("error: \(error)")
    exit(1)
}
