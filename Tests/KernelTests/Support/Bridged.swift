/// Makes a host on which bridged packets pass the firewall, or not: set before anything else is there.
func withHost(bridged: Bool, _ body: (TestHost) throws -> Void) throws {
    try withHost { host in
        let value = bridged ? 1 : 0
        try host.sh("for f in iptables ip6tables; do echo \(value) > /proc/sys/net/bridge/bridge-nf-call-$f; done")
        try body(host)
    }
}

/// The subnets of both families that go with a number.
func dual(_ number: Int) -> String {
    "subnets: [{ subnet: 10.\(number).0.0/24 }, { subnet: 'fd00:\(number)::/64' }]"
}
