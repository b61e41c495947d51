import ArgumentParser
import Manifests

/// `reconcile schema`: the JSON Schema of the manifests.
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of the manifests.",
        discussion: """
            Editors complete and check manifests by it. With yaml-language-server, write the schema to a file and put \
            this line first in a manifest:

              # yaml-language-server: $schema=./reconcile.schema.json
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws { options.console.write(ManifestSchema.document()) }
}
