import Model

extension FleetSession {
    /// Is a member, until the connection fails, which it throws. A lease that is over is replaced; while etcd is full, or
    /// another machine has this node's name, it tries again.
    func stayMember() async throws(Diagnostic) {
        while true {
            do throws(Diagnostic) {
                try await enter()
                try await hold()
            } catch {
                switch error.code {
                case EtcdCode.leaseLost:
                    known.lease = 0
                    // Revoked by who left: the files are gone, and the session ends with that.
                    guard settings.directory.exists else { return }
                    continue
                case EtcdCode.full, "fleet-name-taken", "fleet-contended": report(error)
                default: throw error
                }
            }
            try await pause(.seconds(2))
        }
    }

    private var leaseSeconds: Int { settings.leaseSeconds ?? membership.leaseSeconds }

    /// Becomes a member: with the lease of this node's former life while that is alive, else with a new one.
    private func enter() async throws(Diagnostic) {
        let present = try await client.get(keys.node(membership.node))
        let former = present.flatMap { NodeEntry(membership.node, $0) }
        if let former, former.lease != 0, former.instance != membership.instance {
            known.isOutside = true
            throw Diagnostic(
                code: "fleet-name-taken", "another machine is node \(membership.node) of the fleet",
                hint: "give this one a bundle of its own: reconcile fleet invite OTHER-NAME")
        }
        let candidates = [known.lease, former?.lease ?? 0].filter { $0 != 0 }
        var lease: Int64 = 0
        for candidate in candidates where lease == 0 {
            let time = try await client.renewedTime(of: candidate)
            if time > 0 { (lease, leaseTime) = (candidate, time) }
        }
        if lease == 0 {
            lease = try await client.grantLease(seconds: leaseSeconds)
            leaseTime = leaseSeconds
        }
        if lease != known.lease { written = [:] }
        known.lease = lease
        takeOver()
        try await register(present)
        try await retake()
        try await writePublication()
        known.connection = .connected
        known.isOutside = false
        known.problem = nil
        show()
    }

    /// Writes the node's entry, where nobody else did meanwhile: of two machines with one name only one gets in.
    private func register(_ present: EtcdKeyValue?) async throws(Diagnostic) {
        let key = keys.node(membership.node)
        // Until there is something to publish, what a former life of this node said stays.
        let kept = publication == nil && present?.lease == known.lease ? present?.value : nil
        let value = kept ?? nodeValue
        if let present, present.value == value, present.lease == known.lease {
            written[key] = Written(value: value, revision: present.modRevision)
            return
        }
        let condition = present.map { EtcdTransaction.Condition.unchanged(key, since: $0.modRevision) } ?? .absent(key)
        let outcome = try await client.commit(
            EtcdTransaction([condition], then: [.put(key, value, lease: known.lease)]))
        guard outcome.succeeded else {
            throw Diagnostic(
                code: "fleet-contended", "the entry of node \(membership.node) was written by somebody else")
        }
        written[key] = Written(value: value, revision: outcome.revision)
    }

    /// Holds on to the lease and writes what is to be published, until one of them fails.
    private func hold() async throws(Diagnostic) {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        publisher = continuation
        let (lease, interval) = (known.lease, FleetLease.keepInterval(leaseTime))
        let end = await withTaskGroup(of: Diagnostic?.self) { group in
            group.addTask { [client] in
                do throws(Diagnostic) {
                    try await client.keepLease(lease, every: interval)
                    return nil
                } catch { return error }
            }
            group.addTask { [self] in
                for await _ in stream {
                    do throws(Diagnostic) { try await publishNow() } catch { return error }
                }
                return nil
            }
            continuation.yield()
            let first = await group.next()
            group.cancelAll()
            continuation.finish()
            return first ?? nil
        }
        publisher = nil
        if let end { throw end }
    }

    /// Writes; a full etcd is told and tried again, and the membership goes on.
    private func publishNow() async throws(Diagnostic) {
        do throws(Diagnostic) {
            try await writePublication()
            if known.problem != nil {
                known.problem = nil
                show()
            }
        } catch {
            guard error.code == EtcdCode.full else { throw error }
            report(error)
            try await pause(.seconds(1))
            publisher?.yield()
        }
    }

    private func report(_ problem: Diagnostic) {
        guard known.problem != problem else { return }
        known.problem = problem
        show()
    }

    func pause(_ duration: Duration) async throws(Diagnostic) {
        do { try await Task.sleep(for: duration) } catch { throw Diagnostic(code: EtcdCode.cancelled, "cancelled") }
    }
}
