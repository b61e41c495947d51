import Model

/// The addresses and default routes of an endpoint inside its sandbox: the same with every driver.
enum EndpointAddressing {
    static func objects(
        _ endpoint: Endpoint, _ network: ResolvedNetwork, on link: ObjectID, _ source: SourcePosition?
    ) -> [KernelObject] {
        let owner = endpoint.container.id
        var objects = endpoint.addresses.map { address in
            var keys = ["address \(address.address) of \(network.name)"]
            if address.family == .ipv4 { keys.append(UniqueKey.primary(address, on: link.name, in: link.sandbox)) }
            return KernelObject(
                .address(address, on: link.name, in: link.sandbox), owner: owner, fields: [.mark], hangsOn: [link],
                keys: keys, source: source)
        }
        let addresses = objects.map(\.id)
        for family in endpoint.defaultRoutes {
            // With a link's last IPv4 address the kernel drops its routes (fib_disable_ip in net/ipv4/fib_frontend.c).
            let own = zip(endpoint.addresses, addresses).filter { $0.0.family == .ipv4 && family == .ipv4 }.map(\.1)
            objects.append(
                KernelObject(
                    .route(ObjectID.defaultRoute(family), on: link.name, in: link.sandbox), owner: owner,
                    fields: [Field(.via, .string(network.gateway(family)?.description ?? "")), .mark],
                    hangsOn: [link] + own, after: addresses, source: source))
        }
        return objects
    }
}
