import Model
import Testing

/// Firewalls of others, as they are installed, in the namespaces of a test host.
extension TestHost {
    /// What a dry run warns of.
    func warnings() throws -> [(message: String, hint: String)] {
        (try plan().json["diagnostics"]?.array ?? []).map {
            ($0["message"]?.string ?? "", $0["hint"]?.string ?? "")
        }
    }

    /// Expects a warning of this chain, in the plan and in `status`, and carries out what it says until none is left.
    func openAsTold(_ chain: String, source: SourceLocation = #_sourceLocation) throws {
        let status = try reconcile("status").output
        for _ in 0..<4 {
            guard let (message, hint) = try warnings().first else { return }
            #expect(message.contains(chain), "\(message)", sourceLocation: source)
            #expect(status.contains(message) && status.contains(hint), "\(status)", sourceLocation: source)
            #expect(hint.hasPrefix("open it: "), "\(hint)", sourceLocation: source)
            for command in hint.dropFirst("open it: ".count).split(separator: ";") { try sh(String(command)) }
        }
        #expect(try warnings().map(\.message) == [], sourceLocation: source)
    }

    /// Gives this host its own copy of a directory of the machine.
    func own(_ directory: String) throws {
        let copy = "/run/own\(directory)"
        try sh("mkdir -p \(copy) && cp -a \(directory)/. \(copy) && mount --bind \(copy) \(directory)")
    }

    /// Turns ufw on, with its defaults.
    func startUFW() throws {
        try own("/etc/ufw")
        try own("/etc/default")
        try sh("ufw --force enable")
    }

    /// Starts firewalld, with its defaults, and the bus that it needs.
    func startFirewalld() throws -> RunningCommand {
        try own("/etc/firewalld")
        try sh("mkdir -p /run/dbus")
        _ = try start("dbus-daemon --system --nofork --nopidfile")
        guard try eventually({ try attempt("test -S /run/dbus/system_bus_socket").isSuccess }) else {
            throw Failure("no bus")
        }
        return try restartFirewalld()
    }

    /// The same, where the bus is there.
    func restartFirewalld() throws -> RunningCommand {
        let command = try start("firewalld --nofork --nopid --log-file /run/firewalld.log")
        guard try eventually(within: .seconds(60), { try attempt("firewall-cmd --state").isSuccess }) else {
            throw Failure("firewalld does not start: \(try attempt("cat /run/firewalld.log").text)")
        }
        return command
    }

    /// What Docker's daemon (20.10) does to a host at its start, with IPv4 and its default bridge.
    func startDocker() throws {
        try sh(
            """
            iptables-restore <<END
            *filter
            :FORWARD DROP
            :DOCKER -
            :DOCKER-ISOLATION-STAGE-1 -
            :DOCKER-ISOLATION-STAGE-2 -
            :DOCKER-USER -
            -A FORWARD -j DOCKER-USER
            -A FORWARD -j DOCKER-ISOLATION-STAGE-1
            -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            -A FORWARD -o docker0 -j DOCKER
            -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
            -A FORWARD -i docker0 -o docker0 -j ACCEPT
            -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
            -A DOCKER-ISOLATION-STAGE-1 -j RETURN
            -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
            -A DOCKER-ISOLATION-STAGE-2 -j RETURN
            -A DOCKER-USER -j RETURN
            COMMIT
            *nat
            :DOCKER -
            -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
            -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
            -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
            -A DOCKER -i docker0 -j RETURN
            COMMIT
            END
            ip link add docker0 type bridge
            ip address add 172.17.0.1/16 dev docker0
            ip link set docker0 up
            echo 1 > /proc/sys/net/ipv4/ip_forward
            """)
    }

    /// A container of Podman's, at 10.88.0.2 with its port 80 published at 9090, by its own netavark; it serves pages.
    func startPodman() throws {
        try sh("ip netns add pod")
        let options = """
            {"container_id":"abc123456789","container_name":"pod","networks":{"podman":{"static_ips":["10.88.0.2"],\
            "interface_name":"eth0"}},"network_info":{"podman":{"name":"podman","id":"2f259bab93aa","driver":"bridge",\
            "network_interface":"podman0","subnets":[{"subnet":"10.88.0.0/16","gateway":"10.88.0.1"}],\
            "ipv6_enabled":false,"internal":false,"dns_enabled":false,"ipam_options":{"driver":"host-local"}}},\
            "port_mappings":[{"host_ip":"","container_port":80,"host_port":9090,"range":1,"protocol":"tcp"}]}
            """
        try sh("/usr/lib/podman/netavark setup /run/netns/pod <<END\n\(options)\nEND")
        _ = try start("busybox httpd -f -p 80 -h \(rootfs)/www", in: .peer("pod"))
    }
}
