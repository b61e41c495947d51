import Fleet
import Testing

@Suite("Addresses of etcd")
struct EtcdEndpointTests {
    @Test(
        "are read",
        arguments: [
            ("10.0.0.1", "10.0.0.1:2379"), ("10.0.0.1:4001", "10.0.0.1:4001"), ("fd00::1", "[fd00::1]:2379"),
            ("[fd00:0::1]:2380", "[fd00::1]:2380"), ("[fd00::1]", "[fd00::1]:2379"),
            ("https://etcd.example.org:2379/", "etcd.example.org:2379"), ("etcd1", "etcd1:2379"),
        ])
    func good(text: String, meaning: String) { #expect(EtcdEndpoint(text)?.description == meaning) }

    @Test(
        "are refused",
        arguments: ["", "http://10.0.0.1:2379", "10.0.0.1:0", "10.0.0.1:65536", "a b", "[10.0.0.1]:1", "host:", ":1"])
    func bad(text: String) { #expect(EtcdEndpoint(text) == nil) }
}
