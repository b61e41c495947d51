import Model

extension ManifestWriter {
    static func container(_ container: Container) -> Members {
        var spec = Members()
        if case .rootfs(let directory) = container.image {
            spec.add("rootfs", directory)
        } else {
            spec.add("image", container.image.text)
        }
        // An empty list says something else than none.
        if let command = container.command { spec.add("command", JSONValue.strings(command)) }
        if let args = container.args { spec.add("args", JSONValue.strings(args)) }
        spec.add("environment", container.environment)
        if container.networks != [Attachment(network: "bridge")] {
            spec.add("networks", container.networks.map(attachment))
        }
        spec.add("ports", container.ports.map(port))
        var dns = Members()
        dns.add("servers", container.dns.servers.map(\.description))
        dns.add("search", container.dns.search)
        dns.add("options", container.dns.options)
        spec.add("dns", dns)
        spec.add("hostname", container.hostname)
        spec.add("mounts", container.mounts.map(mount))
        if container.restart != .always { spec.add("restart", container.restart.rawValue) }
        if let check = container.healthcheck { spec.add("healthcheck", healthcheck(check)) }
        spec.add("user", container.user)
        spec.add("workingDir", container.workingDir)
        spec.add("readOnly", container.readOnly)
        spec.add("init", container.`init`)
        spec.add("stopSignal", container.stopSignal)
        if container.stopGracePeriod != .seconds(10) {
            spec.add("stopGracePeriod", DurationText.text(of: container.stopGracePeriod))
        }
        spec.add("nodeSelector", container.nodeSelector)
        spec.add("resources", resources(container.resources))
        spec.add("ulimits", ulimits(container.ulimits))
        spec.add("sysctls", container.sysctls)
        var capabilities = Members()
        capabilities.add("add", container.capabilities.add)
        capabilities.add("drop", container.capabilities.drop)
        spec.add("capabilities", capabilities)
        return spec
    }

    private static func attachment(_ attachment: Attachment) -> JSONValue {
        if attachment == Attachment(network: attachment.network) { return .string(attachment.network) }
        var item = Members()
        item.add("name", attachment.network)
        item.add("ipv4", attachment.ipv4?.description)
        item.add("ipv6", attachment.ipv6?.description)
        item.add("mac", attachment.mac?.description)
        item.add("aliases", attachment.aliases)
        item.add("interface", attachment.interface)
        if attachment.gatewayPriority != 0 { item.add("gatewayPriority", attachment.gatewayPriority) }
        return item.json
    }

    /// As `docker run --publish` has it.
    static func port(_ port: PortMapping) -> JSONValue {
        var text = ""
        if let address = port.address { text += address.family == .ipv6 ? "[\(address)]:" : "\(address):" }
        if let host = port.host {
            text += host.count == 1 ? "\(host.lowerBound):" : "\(host.lowerBound)-\(host.upperBound):"
        } else if port.address != nil {
            text += ":"
        }
        text += String(port.container) + (port.transport == .tcp ? "" : "/\(port.transport.rawValue)")
        return .string(text)
    }

    private static func mount(_ mount: Mount) -> JSONValue {
        var item = Members()
        if mount.kind != .bind { item.add("type", mount.kind.rawValue) }
        item.add("source", mount.source)
        item.add("target", mount.target)
        item.add("readOnly", mount.readOnly)
        item.add("size", mount.size.map { Int($0) })
        return item.json
    }

    private static func healthcheck(_ check: Healthcheck) -> Members {
        let usual = Healthcheck(command: [])
        var item = Members()
        item.add("command", check.command)
        if check.interval != usual.interval { item.add("interval", DurationText.text(of: check.interval)) }
        if check.timeout != usual.timeout { item.add("timeout", DurationText.text(of: check.timeout)) }
        if check.retries != usual.retries { item.add("retries", check.retries) }
        if check.startPeriod != usual.startPeriod { item.add("startPeriod", DurationText.text(of: check.startPeriod)) }
        return item
    }

    private static func resources(_ resources: Resources) -> Members {
        var item = Members()
        item.add("memory", resources.memory.map { Int($0) })
        // Thousandths as a decimal: a floating point number might not come back as the same.
        if let milli = resources.milliCPUs {
            let fraction = String(String(1000 + milli % 1000).dropFirst())
            item.add("cpus", "\(milli / 1000).\(fraction)")
        }
        item.add("pids", resources.pids)
        return item
    }

    private static func ulimits(_ limits: [String: Ulimit]) -> Members {
        func text(_ value: UInt64) -> String { value == .max ? "unlimited" : String(value) }
        var items = Members()
        for (name, limit) in limits.sorted(by: { $0.key < $1.key }) {
            if limit.soft == limit.hard {
                items.add(name, text(limit.soft))
            } else {
                items.add(name, JSONValue.strings(["soft": text(limit.soft), "hard": text(limit.hard)]))
            }
        }
        return items
    }
}
