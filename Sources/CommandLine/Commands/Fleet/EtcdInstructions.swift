import Fleet

/// How to start etcd with the certificates that `fleet init` made: Debian's package, or by hand.
struct EtcdInstructions {
    let members: [EtcdEndpoint]
    /// What holds a folder for each member.
    let folder: String
    let fleet: String

    /// Where the files go on a member's host.
    private static let place = "/etc/etcd/reconcile"

    var text: String {
        var out = "Now start etcd \(members.count == 1 ? "there" : "on these \(members.count) hosts").\n"
        for (index, member) in members.enumerated() { out += "\n" + steps(index, member) }
        return out + """

            etcd reads crl.pem at each new connection, and the certificates too: a newer file needs no restart.
            Check from here:    reconcile fleet status
            Let another in:     reconcile fleet invite NODE

            """
    }

    private func steps(_ index: Int, _ member: EtcdEndpoint) -> String {
        """
        # On \(member.host), as root, after copying the folder \(folder)/\(member.host) there:
        install -d -o etcd -g etcd -m 0700 \(Self.place)
        install -o etcd -g etcd -m 0600 \(member.host)/* \(Self.place)/
        cat > /etc/default/etcd <<'EOF'
        \(variables(index, member).map { "\($0.0)=\"\($0.1)\"" }.joined(separator: "\n"))
        EOF
        install -d /etc/systemd/system/etcd.service.d
        printf '[Service]\\nRestart=always\\nRestartSec=1\\n' > /etc/systemd/system/etcd.service.d/reconcile.conf
        systemctl daemon-reload && systemctl enable --now etcd
        # Or by hand:
        etcd \(flags(index, member).joined(separator: " \\\n  "))

        """
    }

    private func name(_ index: Int) -> String { "etcd\(index + 1)" }

    private func peer(_ member: EtcdEndpoint) -> String {
        "https://\(EtcdEndpoint(host: member.host, port: member.port + 1))"
    }

    /// etcd's settings, by the names that both its flags and its variables have.
    private func settings(_ index: Int, _ member: EtcdEndpoint) -> [(String, String)] {
        // It listens on addresses only; a name stands for all of them.
        let any = member.address == nil ? EtcdEndpoint(host: "0.0.0.0", port: member.port) : member
        let cluster = members.enumerated().map { "\(name($0))=\(peer($1))" }.joined(separator: ",")
        return [
            ("name", name(index)), ("data-dir", "/var/lib/etcd/default"),
            ("listen-client-urls", "https://\(any)"), ("advertise-client-urls", "https://\(member)"),
            ("listen-peer-urls", peer(any)), ("initial-advertise-peer-urls", peer(member)),
            ("initial-cluster", cluster), ("initial-cluster-token", "reconcile-\(fleet)"),
            ("client-cert-auth", "true"), ("trusted-ca-file", "\(Self.place)/ca.pem"),
            ("cert-file", "\(Self.place)/server.pem"), ("key-file", "\(Self.place)/server.key"),
            ("client-crl-file", "\(Self.place)/crl.pem"), ("peer-client-cert-auth", "true"),
            ("peer-trusted-ca-file", "\(Self.place)/ca.pem"), ("peer-cert-file", "\(Self.place)/server.pem"),
            ("peer-key-file", "\(Self.place)/server.key"), ("auto-compaction-retention", "1"),
        ]
    }

    private func flags(_ index: Int, _ member: EtcdEndpoint) -> [String] {
        settings(index, member).map { "--\($0)=\($1)" }
    }

    private func variables(_ index: Int, _ member: EtcdEndpoint) -> [(String, String)] {
        settings(index, member).map { ("ETCD_" + $0.uppercased().map { $0 == "-" ? "_" : $0 }, $1) }
    }
}
