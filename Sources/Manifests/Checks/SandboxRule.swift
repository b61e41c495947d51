import Model

/// A container whose sandbox another one is to run in exists, is on the same nodes, and has a sandbox of its own.
enum SandboxRule {
    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        guard index.containers.contains(where: { $0.sandboxOf != nil }) else { return }
        let byName = Dictionary(
            index.containers.map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first })
        for container in index.containers {
            guard let name = container.sandboxOf, name != container.metadata.name else { continue }
            let field =
                container.metadata.fieldPositions["networks[0].name"] == nil ? "networks[0]" : "networks[0].name"
            guard let host = byName[name] else {
                // One that is there and cannot be read is reported as that.
                if index.declaredContainers.contains(name) { continue }
                let hint = NearestName.hint(for: name, among: index.declaredContainers.sorted())
                findings.report(
                    "unknown-container", "no container \(quoted(name)) whose sandbox it could run in",
                    hint: hint ?? "add a manifest of kind Container named \(name)", container, at: field)
                continue
            }
            check(container, in: host, field, &findings)
        }
    }

    private static func check(
        _ container: Container, in host: Container, _ field: String, _ findings: inout Findings
    ) {
        let name = host.metadata.name
        if let further = host.sandboxOf {
            let isCycle = further == container.metadata.name
            findings.report(
                "shared-sandbox", "container/\(name) has no sandbox: it runs in that of container/\(further)",
                hint: isCycle ? "one of the two needs networks of its own" : "write container:\(further)", container,
                at: field)
        } else if host.networks.first?.network == Predefined.host {
            findings.report(
                "shared-sandbox", "container/\(name) has no sandbox: it is on the network host",
                hint: "write networks: [host]", container, at: field)
        } else if !host.nodeSelector.allSatisfy({ container.nodeSelector[$0.key] == $0.value }) {
            findings.report(
                "shared-sandbox", "container/\(name) is not on all nodes that this one is on",
                hint: "write the same nodeSelector for both", container, at: field)
        }
    }
}
