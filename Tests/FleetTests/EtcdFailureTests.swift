import Testing

@testable import Fleet

@Suite("Why etcd cannot be spoken to")
struct EtcdFailureTests {
    private static let preface = """
        The server accepted the TCP connection but closed the connection before completing the HTTP/2 connection preface.
        """

    @Test(
        "is told from the words of the libraries below",
        arguments: [
            (
                "\(preface): handshakeFailed(NIOSSL.BoringSSLError.sslError([Error: 268435581 error:1000007d:SSL "
                    + "routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at /somewhere/handshake.cc:320]))",
                EtcdCode.certificate, "TLS: CERTIFICATE_VERIFY_FAILED"
            ),
            (
                "\(preface): NIOSSLExtraError.failedToValidateHostname: Couldn't find <none> in certificate from peer",
                EtcdCode.certificate, nil
            ),
            (
                "sslError([Error: 1 error:10000412:SSL routines:OPENSSL_internal:SSLV3_ALERT_BAD_CERTIFICATE at /x:1])",
                EtcdCode.refused, "TLS: SSLV3_ALERT_BAD_CERTIFICATE"
            ),
            (preface, EtcdCode.revoked, nil), ("connection refused", EtcdCode.unreachable, "connection refused"),
        ])
    func words(words: String, code: String, cause: String?) {
        let diagnostic = EtcdFailure.connection(words, EtcdEndpoint(host: "10.0.0.1"))
        #expect(diagnostic.code == code)
        if let cause { #expect(diagnostic.cause == cause) }
    }
}
