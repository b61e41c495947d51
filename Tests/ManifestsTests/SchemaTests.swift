import Manifests
import Model
import Testing

@Suite struct SchemaTests {
    private func kind(_ title: String) throws -> JSONValue {
        try #require(ManifestSchema.document()["oneOf"]?.array?.first { $0["title"] == .string(title) })
    }

    /// Follows a field path into a schema: `networks[0].ipv4`. A map of free names has `additionalProperties`.
    private func find(_ path: Substring, in schema: JSONValue) -> Bool {
        for branch in schema["anyOf"]?.array ?? [] where find(path, in: branch) { return true }
        if path.isEmpty { return true }
        if path.first == "[" {
            guard let items = schema["items"], let end = path.firstIndex(of: "]") else { return false }
            return find(path[path.index(after: end)...], in: items)
        }
        let rest = path.first == "." ? path.dropFirst() : path
        let name = rest.prefix { $0 != "." && $0 != "[" }
        if let property = schema["properties"]?[String(name)] { return find(rest.dropFirst(name.count), in: property) }
        // Free names may hold dots themselves: what is below them is a scalar or a map without names of its own.
        if let other = schema["additionalProperties"], other.members != nil {
            return rest.contains(".") ? true : find("", in: other)
        }
        return false
    }

    @Test(arguments: ["whole.yaml", "every-field.yaml"])
    func knowsEveryFieldOfTheExamples(_ name: String) throws {
        let file = try example(name)
        for network in file.resources.networks { try check(network.metadata, "Network") }
        for container in file.resources.containers { try check(container.metadata, "Container") }
        for service in file.resources.services { try check(service.metadata, "Service") }
    }

    private func check(_ metadata: Metadata, _ title: String) throws {
        let document = try kind(title)
        let spec = try #require(document["properties"]?["spec"])
        for path in metadata.fieldPositions.keys {
            let isOutside = ["apiVersion", "kind", "spec"].contains(path) || path.hasPrefix("metadata")
            #expect(find(path[...], in: isOutside ? document : spec), "\(path) is not in the schema of \(title)")
        }
    }

    /// The other way round: the examples use every field that the schema offers.
    @Test func examplesUseEveryField() throws {
        let file = try example("every-field.yaml")
        // Options of a driver are of a network that has it.
        let network = file.resources.networks.reduce(into: [:]) { fields, network in
            fields.merge(network.metadata.fieldPositions) { first, _ in first }
        }
        let container = try #require(file.resources.containers.first).metadata.fieldPositions
        let service = try #require(file.resources.services.first).metadata.fieldPositions
        for (title, used) in [("Network", network), ("Container", container), ("Service", service)] {
            for member in try kind(title)["properties"]?["spec"]?["properties"]?.members ?? []
            where member.name != "image" {
                #expect(used[member.name] != nil, "\(member.name)")
            }
        }
    }

    @Test func carriesDefaultsAndDescriptions() throws {
        let spec = try #require(try kind("Container")["properties"]?["spec"])
        let fields = try #require(spec["properties"])
        #expect(fields["restart"]?["default"] == "always" && fields["stopGracePeriod"]?["default"] == "10s")
        #expect(fields["networks"]?["default"] == ["bridge"] && fields["readOnly"]?["default"] == false)
        #expect(spec["additionalProperties"] == false)
        for field in try #require(fields.members) { #expect(field.value["description"] != nil, "\(field.name)") }
        let network = try kind("Network")["properties"]?["spec"]?["properties"]
        #expect(network?["driver"]?["default"] == "bridge" && network?["cni"] == nil)
        #expect(try kind("Container")["properties"]?["kind"]?["enum"] == ["Container"])
    }
}
