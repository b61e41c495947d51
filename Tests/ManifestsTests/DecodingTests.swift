import Manifests
import Model
import Testing

@Suite struct DecodingTests {
    @Test func minimal() throws {
        let file = ManifestDecoder.decode(
            text: "apiVersion: reconcile/v1\nkind: Container\nmetadata: { name: web }\nspec:\n  image: nginx\n",
            path: "web.yaml", directory: "/srv")
        #expect(file.diagnostics.isEmpty)
        let container = try #require(file.resources.containers.first)
        #expect(container.image == .registry("docker.io/library/nginx:latest"))
        #expect(container.networks == [Attachment(network: "bridge")])
        #expect(container.metadata.position(of: "image") == SourcePosition(file: "web.yaml", line: 5, column: 10))
    }
}
