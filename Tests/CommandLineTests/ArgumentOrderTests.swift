import Testing

@testable import CommandLine

@Suite struct ArgumentOrderTests {
    private func ordered(_ arguments: String) -> String {
        ArgumentOrder.subcommandFirst(
            arguments.split(separator: " ").map(String.init),
            subcommands: ["apply", "status", "port", "logs", "fleet"],
            groups: ["fleet": ["status", "invite", "rollout"], "fleet rollout": ["status", "undo"]]
        ).joined(separator: " ")
    }

    @Test(arguments: [
        ("-o json status", "status -o json"), ("--output json status", "status --output json"),
        ("--output=json status", "status --output=json"), ("--no-color status", "status --no-color"),
        ("--set staging -o json apply dir", "apply --set staging -o json dir"),
        ("--log-level debug port web 80", "port --log-level debug web 80"),
        ("--data-dir status status", "status --data-dir status"),
        ("--data-dir dir fleet status", "fleet status --data-dir dir"),
        ("fleet -o json invite fleet", "fleet invite -o json fleet"),
        ("fleet -o json rollout --no-color undo", "fleet rollout undo -o json --no-color"),
        ("--data-dir dir fleet rollout status", "fleet rollout status --data-dir dir"),
    ])
    func movesTheSubcommandToTheFront(_ given: String, _ expected: String) { #expect(ordered(given) == expected) }

    @Test(arguments: [
        "", "status", "status -o json", "fleet", "fleet status -o json", "apply --dry-run dir", "dir", "-o json dir",
        "-o json", "-o", "--dry-run",
        "-- status", "-o json -- status", "--set status", "dir status",
    ])
    func leavesTheRest(_ arguments: String) { #expect(ordered(arguments) == arguments) }

    @Test(arguments: [
        ("aply", "aply", "apply"), ("aply --dry-run", "aply", "apply"), ("-o json aply", "aply", "apply"),
        ("--set=x sttaus", "sttaus", "status"), ("fleet stauts", "fleet stauts", "fleet status"),
        ("fleet -o json stauts", "fleet stauts", "fleet status"),
        ("fleet rollout unod", "fleet rollout unod", "fleet rollout undo"),
    ])
    func almostACommand(_ given: String, _ word: String, _ meant: String) {
        let found = mistyped(given)
        #expect(found?.word == word && found?.meant == meant)
    }

    @Test(arguments: [
        "", "apply", "fleet", "fleet status", "fleet rollout", "fleet rollout undo", "help", "./aply", "aply.yaml",
        "nothing",
        "port sttaus", "fleet invite stauts", "--dry-run --node prot", "-- aply", "/",
    ])
    func isNoMistake(_ arguments: String) { #expect(mistyped(arguments) == nil) }

    private func mistyped(_ arguments: String) -> (word: String, meant: String)? {
        ArgumentOrder.mistyped(
            arguments.split(separator: " ").map(String.init),
            subcommands: ["apply", "status", "port", "logs", "fleet"],
            groups: ["fleet": ["status", "invite", "rollout"], "fleet rollout": ["status", "undo"]])
    }
}
