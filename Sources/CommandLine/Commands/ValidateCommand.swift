import ArgumentParser
import Manifests
import Model

/// `reconcile validate`: the manifests alone, without privileges.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check manifests without looking at the host.",
        discussion: "Prints every error of every file, with line and column. Needs no privileges. Exits 1 on errors.")

    @Argument(help: ArgumentHelp("Files or directories of manifests.", valueName: "path"), completion: .file())
    var paths: [String] = []

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let snapshot = ManifestLoader.load(paths: try ManifestPaths.resolve(paths))
            let errors = snapshot.diagnostics.count { $0.severity == .error }
            let resources = snapshot.resources.ids.count
            if console.isJSON {
                console.write([
                    "valid": .bool(errors == 0), "files": .int(Int64(snapshot.files.count)),
                    "resources": .int(Int64(resources)), "diagnostics": .array(snapshot.diagnostics.map(\.json)),
                ])
            } else {
                console.report(snapshot.diagnostics)
                if errors == 0 {
                    console.write("Valid: \(count(resources, "resource")) in \(count(snapshot.files.count, "file")).\n")
                }
            }
            return errors > 0 ? 1 : 0
        }
    }

    private func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
}
