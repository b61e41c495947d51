import Model

extension Endpoint {
    /// Where its ports are reached from outside of its network: on the host's addresses; where the network routes, at its
    /// own address and port.
    public func reach(over network: ResolvedNetwork?) -> [PublishedPort] {
        guard let modes = network?.network.bridge.gatewayMode else { return ports }
        return ports.map { port in
            guard modes[port.family] == .routed, !port.isLoopback6, let own = address(port.family) else { return port }
            return PublishedPort(
                address: own, family: port.family, host: port.container, container: port.container,
                transport: port.transport)
        }
    }
}
