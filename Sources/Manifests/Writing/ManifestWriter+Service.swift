import Model

extension ManifestWriter {
    static func service(_ service: Service) -> Members {
        var spec = Members()
        if service.replicas != 1 { spec.add("replicas", service.replicas) }
        var template = service.template
        template.nodeSelector = [:]
        spec.add("template", container(template))
        spec.add("ports", service.ports.map(port))
        if service.update != UpdateOptions() {
            var update = Members()
            update.add("maxUnavailable", service.update.maxUnavailable)
            spec.add("update", update)
        }
        spec.add("nodeSelector", service.nodeSelector)
        return spec
    }

    private static func port(_ port: ServicePort) -> JSONValue {
        guard port.mode != .ingress else { return self.port(port.mapping) }
        var item = Members()
        item.add("host", port.mapping.host.map { Int($0.lowerBound) })
        item.add("container", Int(port.mapping.container))
        if port.mapping.transport != .tcp { item.add("protocol", port.mapping.transport.rawValue) }
        item.add("address", port.mapping.address?.description)
        item.add("mode", port.mode.rawValue)
        return item.json
    }
}
