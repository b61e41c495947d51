import ArgumentParser
import Fleet
import Model

/// What the commands that tell a rollout something have in common.
enum RolloutOrderCommand {
    /// Tells it, and says what came of it.
    static func run(
        _ order: RolloutOrder, _ options: GlobalOptions, _ words: @escaping (FleetRollout) -> String
    ) async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let membership = try FleetDirectory(dataDirectory: options.dataDir).read()
            let view = try await FleetControl.with(membership) { (control) throws(Diagnostic) in
                try await control.rollout(order)
            }
            if console.isJSON {
                console.write(RolloutReport(view).json)
            } else {
                console.write(words(FleetRollout(view)) + "\n")
            }
            return 0
        }
    }

    /// The form of a commit for people.
    static func short(_ revision: String?) -> String { String((revision ?? "").prefix(12)) }
}
