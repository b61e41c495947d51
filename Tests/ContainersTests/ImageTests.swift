import FoundationEssentials
import Model
import Testing

@testable import Containers

@Suite struct ImageTests {
    @Test func loopbackRegistries() {
        for name in ["localhost:5000/x:1", "localhost/x", "127.0.0.1:5000/x@sha256:ab", "127.9.9.9/x", "[::1]:5000/x"] {
            #expect(ImageStore.isLoopback(name), "\(name)")
        }
        for name in ["docker.io/library/nginx:1.27", "localhost.example.org/x", "127.0.0.1.example.org/x", "[::2]/x"] {
            #expect(!ImageStore.isLoopback(name), "\(name)")
        }
    }

    @Test func digestDecidesOverTag() {
        #expect(ImageStore.withoutTagBesideDigest("h:5000/x:1@sha256:ab") == "h:5000/x@sha256:ab")
        #expect(ImageStore.withoutTagBesideDigest("h:5000/x@sha256:ab") == "h:5000/x@sha256:ab")
        #expect(ImageStore.withoutTagBesideDigest("h:5000/x:1") == "h:5000/x:1")
    }

    @Test(arguments: [
        ("reading manifest 2 in localhost:5000/x: manifest unknown", "image-not-found"),
        ("unauthorized: authentication required", "image-unauthorized"),
        ("dial tcp: lookup r.example on 10.0.0.1:53: no such host", "registry-unreachable"),
        ("dial tcp 127.0.0.1:5001: connect: connection refused", "registry-unreachable"),
        ("http: server gave HTTP response to HTTPS client", "registry-tls"),
        ("x509: certificate signed by unknown authority", "registry-tls"),
        ("something else", "pull-failed"),
    ])
    func failedPulls(_ said: String, _ code: String) {
        let frame = "time=\"2026-01-01T00:00:00Z\" level=fatal msg=\"\(said)\""
        let error = ImageStore.failure(of: .registry("r.example/x:1"), said: frame)
        #expect(error.code == code)
        #expect(error.cause == "skopeo: " + said)
    }

    @Test func configWithNulls() throws {
        let text = """
            {"Entrypoint": null, "Cmd": ["sh"], "Env": ["A=b"], "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
             "StopSignal": "SIGQUIT", "WorkingDir": "/srv"}
            """
        let config = try JSONDecoder().decode(ImageConfig.self, from: Data(text.utf8))
        #expect(config.entrypoint.isEmpty)
        #expect(config.cmd == ["sh"])
        #expect(config.exposedPorts == ["53/udp", "80/tcp"])
        #expect(config.stopSignal == "SIGQUIT")
        #expect(config.workingDir == "/srv")
    }

    @Test func overlayOptionsAreEscaped() {
        #expect(Overlay.escape("/a:b,c\\d") == "/a\\:b\\,c\\\\d")
    }

    @Test func abandonedNames() {
        #expect(!Files.isAbandoned(Files.temporaryName()))
        #expect(Files.isAbandoned(".tmp-1-999999999999-5"))
        #expect(!Files.isAbandoned("web-12345678"))
    }
}
