import Model

/// A container's own network namespace.
enum SandboxObjects {
    static func sandbox(_ container: Container, image: ObjectID, set: String) -> KernelObject {
        KernelObject(
            .sandbox(container.metadata.name), owner: container.id,
            fields: [
                Field(.alias, .string(Mark(set: set, resource: container.id).alias)), Field(.loopback, true),
                Field(.bound, true),
            ], after: [image], source: container.metadata.position)
    }

    static func image(_ container: Container, _ facts: HostFacts) -> KernelObject {
        let text = container.image.text
        let digest = facts.images[text].map { FieldValue.string($0) } ?? .unknown("after pull")
        return KernelObject(
            .image(container.image), owner: container.id, fields: [Field(.digest, digest)],
            source: container.metadata.position(of: "image"))
    }
}
