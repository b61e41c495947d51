import Manifests
import Model
import Testing

@Suite struct DecodingTests {
    @Test func wholeExample() throws {
        let file = try example("whole.yaml")
        #expect(file.diagnostics.isEmpty, "\(file.diagnostics)")
        let network = try #require(file.resources.networks.first)
        #expect(network.subnets.map(\.prefix.description) == ["10.20.0.0/24", "fd00:20::/64"])
        #expect(network.subnets[0].range == IPPrefix("10.20.0.128/25") && network.mtu == 1500)
        let web = try #require(file.resources.containers.first)
        #expect(web.image == .registry("docker.io/library/nginx:1.27"))
        #expect(web.args == ["-g", "daemon off;"])
        #expect(web.mounts[0].source == "/srv/manifests/site")
        #expect(web.resources == Resources(memory: 256 << 20, milliCPUs: 500, pids: 100))
        #expect(web.ports[1] == PortMapping(address: IPAddress("127.0.0.1"), host: 8443...8443, container: 443))
        #expect(web.metadata.position(of: "networks[0].ipv4")?.description == "whole.yaml:23:28")
        #expect(web.metadata.position(of: "environment.TZ")?.description == "whole.yaml:21:22")
        #expect(web.metadata.position(of: "networks[0].ipv6")?.description == "whole.yaml:23:7")
    }

    @Test func everyField() throws {
        let file = try example("every-field.yaml")
        #expect(file.diagnostics.isEmpty, "\(file.diagnostics)")
        let web = try #require(file.resources.containers.first)
        #expect(web.image == .rootfs(directory: "/srv/roots/db"))
        #expect(web.args == ["--verbose", "1.27", "yes"])
        #expect(web.environment == ["VERSION": "1.20", "ENABLED": "yes", "EMPTY": "", "LITERAL": "$HOME"])
        #expect(web.ports.count == 2 && web.ports[0].host == nil && web.ports[1].host == 5432...5434)
        #expect(web.healthcheck?.interval == .seconds(90) && web.healthcheck?.timeout == .milliseconds(500))
        #expect(web.healthcheck?.startPeriod == .seconds(86400) && web.stopGracePeriod == .zero)
        #expect(web.user == "999" && web.stopSignal == "SIGRTMIN+3" && web.restart == .onFailure)
        #expect(web.ulimits == ["nofile": Ulimit(soft: 1024, hard: .max), "core": Ulimit(soft: 0, hard: 0)])
        #expect(web.capabilities == Capabilities(add: ["NET_RAW"], drop: ["ALL"]))
        #expect(web.mounts[0].target == "/data" && web.mounts[1].size == 64 << 20)
        #expect(web.networks[1].gatewayPriority == -1)
    }

    @Test func services() throws {
        let file = try example("every-field.yaml")
        let service = try #require(file.resources.services.first)
        #expect(service.replicas == 3 && service.update.maxUnavailable == 2 && service.nodeSelector == ["zone": "a"])
        #expect(service.template.id == .container("pinger.0") && service.template.nodeSelector == ["zone": "a"])
        #expect(service.template.command == ["sleep", "1d"] && service.template.metadata.labels == ["tier": "web"])
        #expect(
            service.ports == [
                ServicePort(PortMapping(host: 9090...9090, container: 80)),
                ServicePort(
                    PortMapping(address: IPAddress("127.0.0.1"), host: 9091...9091, container: 91, transport: .udp)),
                ServicePort(
                    PortMapping(address: IPAddress("127.0.0.1"), host: 9092...9092, container: 92, transport: .udp)),
                ServicePort(
                    PortMapping(address: IPAddress("10.0.0.1"), host: 9093...9093, container: 80), mode: .host),
            ])
        // What is said of a replica points into the template.
        let replica = service.replica(2)
        #expect(replica.id == .container("pinger.2"))
        let template = try #require(service.metadata.position(of: "template"))
        #expect(replica.metadata.position == template)
        #expect(replica.metadata.position(of: "image") == service.metadata.position(of: "template.image"))
        #expect(replica.metadata.position(of: "networks[0].aliases")?.line == template.line + 3)
        #expect(service.metadata.position(of: "ports[2]") == service.metadata.position(of: "ports[1]"))
        let bare = decode(
            """
            apiVersion: reconcile/v1
            kind: Service
            metadata: { name: bare }
            spec: { template: { image: nginx } }
            """)
        let least = try #require(bare.resources.services.first)
        #expect(least.replicas == 1 && least.update.maxUnavailable == 1 && least.ports.isEmpty)
    }

    @Test(arguments: [
        ("nginx", "docker.io/library/nginx:latest"), ("grafana/grafana:11", "docker.io/grafana/grafana:11"),
        ("index.docker.io/nginx", "docker.io/library/nginx:latest"), ("localhost/a", "localhost/a:latest"),
        ("registry.example:5000/a/b_c.d-e:X_1", "registry.example:5000/a/b_c.d-e:X_1"),
        (
            "quay.io/a@sha256:" + String(repeating: "0f", count: 32),
            "quay.io/a@sha256:" + String(repeating: "0f", count: 32)
        ),
    ])
    func registryReferences(_ written: String, _ complete: String) throws {
        #expect(try container("image: \(written)").image == .registry(complete))
    }

    @Test func localImages() throws {
        #expect(try container("image: oci:../images:1.2").image == .oci(directory: "/srv/images", tag: "1.2"))
        #expect(try container("image: oci:/a:b/c").image == .oci(directory: "/a:b/c", tag: nil))
        #expect(try container("image: docker-archive:x.tar").image == .dockerArchive(path: "/srv/manifests/x.tar"))
    }

    @Test(arguments: [
        ("80", [PortMapping(host: nil, container: 80)]),
        ("8080:80/udp", [PortMapping(host: 8080...8080, container: 80, transport: .udp)]),
        ("127.0.0.1::80", [PortMapping(address: IPAddress("127.0.0.1"), host: nil, container: 80)]),
        ("[::1]:8080:80", [PortMapping(address: IPAddress("::1"), host: 8080...8080, container: 80)]),
        ("8000-8002:80", [PortMapping(host: 8000...8002, container: 80)]),
        (
            "8000-8001:80-81",
            [PortMapping(host: 8000...8000, container: 80), PortMapping(host: 8001...8001, container: 81)]
        ),
        ("80-81", [PortMapping(host: nil, container: 80), PortMapping(host: nil, container: 81)]),
    ])
    func ports(_ written: String, _ mappings: [PortMapping]) throws {
        #expect(try container("image: nginx\nports: [\"\(written)\"]").ports == mappings)
    }

    @Test func portPositionsFollowTheSpreadPorts() throws {
        let web = try container("image: nginx\nports: [\"8000-8002:80-82\", \"90\"]")
        #expect(web.metadata.position(of: "ports[2]")?.column == 11)
        #expect(web.metadata.position(of: "ports[3]")?.column == 30)
    }
}
