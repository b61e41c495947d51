import Model

/// What must hold within one container.
enum ContainerRules {
    static func check(_ container: Container) -> [Diagnostic] {
        var findings = Findings()
        checkImage(container, &findings)
        checkNetworks(container, &findings)
        checkMounts(container, &findings)
        checkPorts(container, &findings)
        return findings.diagnostics
    }

    private static func checkImage(_ container: Container, _ findings: inout Findings) {
        let fields = container.metadata.fieldPositions
        switch (fields["image"] != nil, fields["rootfs"] != nil) {
        case (true, true):
            findings.report(
                "image-and-rootfs", "image and rootfs exclude each other", hint: "remove one of them", container,
                at: "rootfs")
        case (false, false):
            findings.report(
                "missing-field", "a Container needs an image or a rootfs",
                hint: "write image: NAME:TAG, image: oci:DIR, image: docker-archive:FILE or rootfs: DIR", container,
                at: "spec")
        case (false, true) where container.command == nil:
            findings.report(
                "missing-field", "a rootfs has no command of its own", hint: "add command: [...]", container,
                at: "rootfs")
        default: break
        }
    }

    private static func checkNetworks(_ container: Container, _ findings: inout Findings) {
        let networks = container.networks
        if networks.isEmpty {
            findings.report(
                "empty-list", "networks must not be an empty list",
                hint: "write [none] for a container without a network",
                container, at: "networks")
        }
        var names = Set<String>()
        var interfaces = Set<String>()
        for (index, attachment) in networks.enumerated() {
            let path = "networks[\(index)]"
            let isSpecial =
                attachment.network == Predefined.host || attachment.network == Predefined.none
                || attachment.container != nil
            if isSpecial, networks.count > 1 {
                findings.report(
                    "exclusive-network", "the network \(attachment.network) excludes all others",
                    hint: "remove it, or the others", container, at: path)
            }
            if isSpecial, attachment != Attachment(network: attachment.network) {
                findings.report(
                    "exclusive-network", "the network \(attachment.network) takes no options",
                    hint: "write networks: [\(attachment.network)]", container, at: path)
            }
            if !names.insert(attachment.network).inserted {
                findings.report(
                    "duplicate-network", "the container is attached to \(attachment.network) twice", hint: "remove one",
                    container, at: path)
            }
            if let name = attachment.interface, !interfaces.insert(name).inserted {
                findings.report(
                    "duplicate-interface", "two interfaces of the container are named \(name)",
                    hint: "give each a name of its own, or none", container, at: "\(path).interface")
            }
        }
        if let name = container.sandboxOf { checkGuest(container, of: name, &findings) }
        if networks.first?.network == Predefined.host {
            for name in container.sysctls.keys.sorted() where name.hasPrefix("net.") {
                findings.report(
                    "host-network", "the sysctl \(name) would be the host's own",
                    hint: "remove it, or the network host",
                    container, at: "sysctls.\(name)")
            }
        }
    }

    /// What belongs to a sandbox is said of the container that has it.
    private static func checkGuest(_ container: Container, of name: String, _ findings: inout Findings) {
        func refuse(_ field: String, _ what: String) {
            findings.report(
                "shared-sandbox", "\(what) of container/\(name), whose sandbox it runs in",
                hint: "write it there", container, at: field)
        }
        if name == container.metadata.name {
            findings.report(
                "shared-sandbox", "the container is to run in its own sandbox", hint: "remove networks", container,
                at: "networks[0]")
        }
        if !container.ports.isEmpty { refuse("ports", "published ports are those") }
        if container.hostname != nil { refuse("hostname", "the host name is that") }
        if container.dns != DNSOptions() { refuse("dns", "name servers are those") }
        for sysctl in container.sysctls.keys.sorted() where sysctl.hasPrefix("net.") {
            refuse("sysctls.\(sysctl)", "the sysctl \(sysctl) is that")
        }
    }

    private static func checkMounts(_ container: Container, _ findings: inout Findings) {
        var targets: [String: Int] = [:]
        for (index, mount) in container.mounts.enumerated() {
            if let first = targets[mount.target] {
                let place = container.metadata.position(of: "mounts[\(first)].target").map { " at \($0)" } ?? ""
                findings.report(
                    "duplicate-mount", "two mounts have the target \(mount.target)", hint: "the first is\(place)",
                    container,
                    at: "mounts[\(index)].target")
            } else {
                targets[mount.target] = index
            }
        }
    }

    private static func checkPorts(_ container: Container, _ findings: inout Findings) {
        guard !container.ports.isEmpty, let only = container.networks.first?.network else { return }
        if only == Predefined.host {
            findings.report(
                "ports-without-network", "a container on the network host has no published ports",
                hint: "what it listens on is the host's already; remove ports", container, at: "ports")
        } else if only == Predefined.none {
            findings.report(
                "ports-without-network", "a container on the network none cannot be reached",
                hint: "remove ports, or attach it to a network", container, at: "ports")
        }
        var seen = Set<PortMapping>()
        for (index, port) in container.ports.enumerated() where !seen.insert(port).inserted {
            // A host port that is taken twice is found among all containers; this is for those without one.
            guard port.host == nil else { continue }
            findings.report(
                "duplicate-port", "the port \(port.container)/\(port.transport.rawValue) is published twice",
                hint: "remove one",
                container, at: "ports[\(index)]")
        }
    }
}
