import Model

/// What keeps a container from being started, as far as it can be seen beforehand.
enum ProcessObstacles {
    static func find(_ container: Container, _ facts: HostFacts) -> [Diagnostic] {
        var found: [Diagnostic] = []
        if var problem = facts.imageProblems[container.image.text] {
            let field = if case .rootfs = container.image { "rootfs" } else { "image" }
            problem.resource = container.id
            problem.position = container.metadata.position(of: field)
            found.append(problem)
        }
        for (index, mount) in container.mounts.enumerated() {
            guard let source = mount.source, facts.missingMountSources.contains(source) else { continue }
            found.append(
                Diagnostic(
                    code: "mount-source-missing", "there is no \(source) to mount at \(mount.target)",
                    hint: "make it; relative paths are relative to the manifest's own file", resource: container.id,
                    position: container.metadata.position(of: "mounts[\(index)].source")))
        }
        return found
    }
}
