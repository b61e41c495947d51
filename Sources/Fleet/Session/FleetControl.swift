import Model

/// What commands do with a fleet, without being a member of it: look, and remove a node's traces.
public struct FleetControl: Sendable {
    /// The membership whose credentials are used.
    public let membership: FleetMembership
    private let client: EtcdClient
    private let keys: FleetKeys

    /// With the credentials of a membership. It connects with the first call; end with ``close``.
    public init(_ membership: FleetMembership, patience: Duration = .seconds(2)) {
        self.membership = membership
        client = EtcdClient(endpoints: membership.endpoints, identity: membership.identity, patience: patience)
        keys = FleetKeys(fleet: membership.fleet)
    }

    /// Does something with the credentials of a membership, and ends the connection whatever comes of it.
    public static func with<Value>(
        _ membership: FleetMembership, _ body: (FleetControl) async throws(Diagnostic) -> Value
    ) async throws(Diagnostic) -> Value {
        let control = FleetControl(membership)
        do throws(Diagnostic) {
            let value = try await body(control)
            await control.close()
            return value
        } catch {
            await control.close()
            throw error
        }
    }

    /// What is known of a fleet just now, with the credentials of a membership.
    public static func view(of membership: FleetMembership) async throws(Diagnostic) -> FleetView {
        try await with(membership) { (control) throws(Diagnostic) in try await control.view() }
    }

    /// Ends the connection.
    public func close() async { await client.close() }

    /// All that is known of the fleet.
    public func view() async throws(Diagnostic) -> FleetView {
        var view = FleetView(fleet: membership.fleet, node: membership.node)
        view.load(try await client.list(keys.prefix, from: keys.followed), keys)
        view.connection = .connected
        return view
    }

    /// What each of etcd's members says, or why it says nothing.
    public func members() async -> [(endpoint: EtcdEndpoint, status: Result<EtcdStatus, Diagnostic>)] {
        await withTaskGroup(of: (Int, Result<EtcdStatus, Diagnostic>).self) { group in
            for (index, endpoint) in membership.endpoints.enumerated() {
                group.addTask { [membership, client] in
                    let one = EtcdClient(
                        endpoints: [endpoint], identity: membership.identity, patience: client.patience)
                    let result: Result<EtcdStatus, Diagnostic>
                    do throws(Diagnostic) { result = .success(try await one.status()) } catch {
                        result = .failure(error)
                    }
                    await one.close()
                    return (index, result)
                }
            }
            var results: [Int: Result<EtcdStatus, Diagnostic>] = [:]
            for await (index, result) in group { results[index] = result }
            return membership.endpoints.enumerated().compactMap { index, endpoint in
                results[index].map { (endpoint, $0) }
            }
        }
    }

    /// Takes a node out of the fleet: its lease, and with it what is bound to it, and all that it holds. Networks stay,
    /// since they are everybody's. Answers with what it held.
    @discardableResult
    public func remove(_ node: String) async throws(Diagnostic) -> [Claim] {
        let view = try await view()
        if let lease = view.nodes[node]?.lease, lease != 0 { try await client.revokeLease(lease) }
        let book = ClaimBook(client: client, keys: keys, node: node)
        let claims = view.claims.values.filter { claim in
            switch claim.key {
            case .network, .vni: false
            case .address, .replica, .turn, .update: claim.node == node
            }
        }
        for claim in claims { try await book.release(claim) }
        try await client.delete(keys.renewal(node))
        try await client.delete(keys.rollout(FleetRollout.nodes + node))
        return claims
    }

    /// Changes a rollout, where it is still as it was seen; false where it is not.
    func commit(_ write: RolloutWrite) async throws(Diagnostic) -> Bool {
        try await client.commit(write, keys, node: membership.node, lease: 0) != nil
    }
}
