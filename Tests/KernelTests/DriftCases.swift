import Testing

extension DriftTests {
    /// One way to spoil a host, and what the next plan says of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// `VETH` stands for the host's end of web's link, `FORWARDER` for the forwarder's pid.
        let spoil: String
        var sandbox: String?
        /// The objects of the plan's drift, with the fields that differ; empty where the whole object is missing.
        let drift: [String: [String]]

        init(_ name: String, _ spoil: String, in sandbox: String? = nil, _ drift: [String: [String]]) {
            testDescription = name
            self.spoil = spoil
            self.sandbox = sandbox
            self.drift = drift
        }
    }

    private static let handle = "$(nft -a list chain inet reconcile raw | sed -n 's/.*daddr.*handle //p')"
    private static let forwards = "/run/reconcile/default/forwarder/forwards.json"
    private static let forward = "forward [::1]:8080/tcp"
    private static let linkInside = "link eth0 in web"

    /// Waits until the forwarder has read what somebody wrote, by what it says of itself (`ForwardTable.stateDescriptor`).
    private static func awaitForwarder(_ words: String) -> String {
        "for i in $(seq 500); do grep -qF '\(words)' /proc/FORWARDER/fd/3 && break; sleep 0.02; done"
    }

    static let cases = [
        Case("a bridge's mtu", "ip link set br-front mtu 1400", ["link br-front": ["mtu"]]),
        Case("a bridge down", "ip link set br-front down", ["link br-front": ["up"]]),
        Case("a bridge's MAC", "ip link set br-front address 02:00:00:00:00:01", ["link br-front": ["mac"]]),
        Case("a bridge's alias wiped", "ip link set br-front alias ''", ["link br-front": ["alias"]]),
        Case("a bridge's group wiped", "ip link set br-front group default", ["link br-front": ["group"]]),
        Case(
            "a bridge's address", "ip address del 10.20.0.1/24 dev br-front", ["address 10.20.0.1/24 on br-front": []]),
        Case(
            "a bridge's IPv6 address", "ip address del fd00:20::1/64 dev br-front",
            ["address fd00:20::1/64 on br-front": []]),
        Case(
            "a bridge's link-local address", "ip address del fe80::1/64 dev br-front",
            ["address fe80::1/64 on br-front": []]),
        Case(
            "a second gateway in the way", "ip -6 route del default; ip -6 route add default via fd00:20::99 proto 82",
            in: "web", ["route default6 on eth0 in web": ["via"]]),
        Case("a link's master", "ip link set VETH nomaster", ["link VETH": ["hairpin", "master"]]),
        Case("a link's mtu", "ip link set VETH mtu 1300", ["link VETH": ["mtu"]]),
        Case("a link down", "ip link set VETH down", ["link VETH": ["up"]]),
        Case("hairpin", "bridge link set dev VETH hairpin off", ["link VETH": ["hairpin"]]),
        Case("port isolation", "bridge link set dev VETH isolated on", ["link VETH": ["isolated"]]),
        Case("a link's alias wiped", "ip link set VETH alias ''", ["link VETH": ["alias"]]),
        Case("a link's group wiped", "ip link set VETH group default", ["link VETH": ["group"]]),
        Case(
            "an address inside", "ip address del 10.20.0.10/24 dev eth0", in: "web",
            ["address 10.20.0.10/24 on eth0 in web": [], "route default on eth0 in web": []]),
        Case("the default route", "ip route del default", in: "web", ["route default on eth0 in web": []]),
        Case("the IPv6 default route", "ip -6 route del default", in: "web", ["route default6 on eth0 in web": []]),
        Case(
            "another gateway", "ip route replace default via 10.20.0.99 proto 82", in: "web",
            ["route default on eth0 in web": ["via"]]),
        Case("an inner link's mtu", "ip link set eth0 mtu 1300", in: "web", [linkInside: ["mtu"]]),
        Case("an inner link's MAC", "ip link set eth0 address 02:00:00:00:00:02", in: "web", [linkInside: ["mac"]]),
        Case("an inner link's alias wiped", "ip link set eth0 alias ''", in: "web", [linkInside: ["alias"]]),
        Case("an inner loopback down", "ip link set lo down", in: "web", ["sandbox web": ["loopback"]]),
        Case(
            "route_localnet", "echo 0 > /proc/sys/net/ipv4/conf/br-front/route_localnet",
            ["sysctl net/ipv4/conf/br-front/route_localnet": ["value"]]),
        Case(
            "forwarding", "echo 0 > /proc/sys/net/ipv4/conf/up1/forwarding",
            ["sysctl net/ipv4/conf/up1/forwarding": ["value"]]),
        Case(
            "IPv6 forwarding", "echo 0 > /proc/sys/net/ipv6/conf/all/forwarding",
            ["sysctl net/ipv6/conf/all/forwarding": ["value"]]),
        Case(
            "a port's element", "nft delete element inet reconcile ports4 '{ tcp . 8080 }'",
            ["firewall port 8080/tcp": []]),
        Case(
            "a port's target",
            """
            nft 'delete element inet reconcile ports4 { tcp . 8080 }; \
            add element inet reconcile ports4 { tcp . 8080 : 10.20.0.10 . 81 }'
            """, ["firewall port 8080/tcp": ["target"]]),
        Case(
            "a subnet's element", "nft delete element inet reconcile subnets4 '{ \"br-front\" . 10.20.0.0/24 }'",
            ["firewall subnets4 br-front . 10.20.0.0/24": []]),
        Case("the rules of a chain", "nft flush chain inet reconcile forward", ["firewall chain forward": ["rules"]]),
        Case(
            "one rule", "nft delete rule inet reconcile raw handle \(handle)", ["firewall chain raw": ["rules"]]),
        Case(
            "a foreign rule", "nft insert rule inet reconcile forward accept", ["firewall chain forward": ["rules"]]),
        Case(
            "a changed rule",
            "nft replace rule inet reconcile raw handle \(handle) iifname != lo ip daddr 127.0.0.0/9 drop",
            ["firewall chain raw": ["rules"]]),
        Case(
            "all elements", "nft flush map inet reconcile ports4", ["firewall port 8080/tcp": []]),
        Case("the sandbox's file", "umount /run/netns/reconcile-web", ["sandbox web": ["bound"]]),
        Case(
            "the sandbox's file removed", "umount /run/netns/reconcile-web && rm /run/netns/reconcile-web",
            ["sandbox web": ["bound"]]),
        Case(
            "the forwarder killed", "kill -KILL FORWARDER; until [ ! -e /proc/FORWARDER ]; do sleep 0.01; done",
            ["forwarder [::1]": [], forward: []]),
        Case(
            "the forwarder halted",
            "kill -STOP FORWARDER; until grep -q 'State:.T' /proc/FORWARDER/status; do sleep 0.01; done",
            ["forwarder [::1]": ["state"]]),
        Case("the forwarder's configuration removed", "rm \(forwards)", ["forwarder [::1]": ["configuration"]]),
        Case(
            "the forwarder's configuration changed", "sed -i s/8080/8081/ \(forwards)",
            ["forwarder [::1]": ["configuration"]]),
        // It has read what somebody wrote there.
        Case(
            "a forward's target",
            "sed -i s/:80\\\"/:81\\\"/ \(forwards); kill -HUP FORWARDER; \(awaitForwarder(":81\""))",
            [forward: ["target"]]),
        Case(
            "a forward's port",
            "sed -i s/8080/8081/ \(forwards); kill -HUP FORWARDER; \(awaitForwarder(":8081/tcp"))",
            [forward: [], "forward [::1]:8081/tcp": []]),
        // shutdown(2) on a copy of its socket (pidfd_open, pidfd_getfd), which it closes when it sees that.
        Case(
            "a forward's listener",
            """
            fd=$(ss -Hlntp 'sport = :8080' | sed 's/.*fd=\\([0-9]*\\).*/\\1/')
            socket=$(readlink /proc/FORWARDER/fd/$fd)
            perl -e 'my $p = syscall(434, int(shift), 0); my $f = syscall(438, $p, int(shift), 0);
                open(my $s, "+<&=", $f) or die; shutdown($s, 2) or die' FORWARDER $fd
            for i in $(seq 500); do [ "$(readlink /proc/FORWARDER/fd/$fd)" != "$socket" ] && break; sleep 0.02; done
            """, [forward: ["listening"]]),
    ]
}
