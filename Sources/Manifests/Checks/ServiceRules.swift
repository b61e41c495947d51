import Model

/// What must hold within one service.
enum ServiceRules {
    /// `NAME.9999` is a host name of at most 64 bytes, and as a name of files and in DNS it has room to spare.
    private static let longestName = 58

    static func check(_ service: Service) -> [Diagnostic] {
        var findings = Findings()
        if service.metadata.name.utf8.count > longestName {
            findings.report(
                "name-too-long", "the name of a service has at most \(longestName) bytes",
                hint: "each replica is called by it and a number, which is its host name", service, at: "metadata.name")
        }
        findings.add(ContainerRules.check(service.template))
        if let name = service.template.sandboxOf {
            findings.report(
                "not-for-replicas", "replicas cannot run in the sandbox of container/\(name)",
                hint: "attach the template to a network", service.template, at: "networks[0]")
        }
        if service.replicas > 1 { checkUnique(service, &findings) }
        checkPorts(service, &findings)
        return findings.diagnostics
    }

    /// What only one container can have is nothing for a template of several.
    private static func checkUnique(_ service: Service, _ findings: inout Findings) {
        let template = service.template
        for (place, attachment) in template.networks.enumerated() {
            let path = "networks[\(place)]"
            let wanted = [
                (attachment.ipv4?.description, "ipv4"), (attachment.ipv6?.description, "ipv6"),
                (attachment.mac?.description, "mac"),
            ]
            for case (let address?, let field) in wanted {
                findings.report(
                    "not-for-replicas", "\(service.replicas) replicas cannot all have \(address)",
                    hint: "remove it: each is given one of its own; or have one replica", template,
                    at: "\(path).\(field)")
            }
        }
        for (place, port) in template.ports.enumerated() {
            guard let host = port.host, host.count < service.replicas else { continue }
            let text = host.count == 1 ? "\(host.lowerBound)" : "of \(host.lowerBound)-\(host.upperBound)"
            findings.report(
                "not-for-replicas", "\(service.replicas) replicas cannot all have the host port \(text)",
                hint: "move it to the ports of the service, which lead to all replicas", template, at: "ports[\(place)]"
            )
        }
    }

    private static func checkPorts(_ service: Service, _ findings: inout Findings) {
        guard !service.ports.isEmpty else { return }
        let only = service.template.networks.first?.network
        if only == Predefined.host || only == Predefined.none {
            findings.report(
                "ports-without-network", "replicas on the network \(only ?? "") cannot be reached through ports",
                hint: only == Predefined.host
                    ? "what they listen on is the host's already; remove ports"
                    : "remove ports, or attach the template to a network", service, at: "ports")
        }
        for (place, port) in service.ports.enumerated() {
            guard port.mapping.host?.count != 1 else { continue }
            findings.report(
                "port-not-fixed", "a service's port needs one host port",
                hint: "it is the same on every node: write \"9090:\(port.mapping.container)\"", service,
                at: "ports[\(place)]")
        }
    }
}

/// On a network a name stands for a container or for the replicas of a service, not for both.
enum ServiceNameRule {
    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        guard !index.services.isEmpty else { return }
        let containers = Dictionary(
            index.containers.map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first })
        for service in index.services {
            guard let container = containers[service.metadata.name],
                NodeSelectors.meet(container.nodeSelector, service.nodeSelector)
            else { continue }
            let place = container.metadata.position.map { " at \($0)" } ?? ""
            findings.report(
                "duplicate-name", "a service and a container are both called \(service.metadata.name)",
                hint: "on a network the name would mean both; the container is\(place)", service, at: "metadata.name")
        }
    }
}
