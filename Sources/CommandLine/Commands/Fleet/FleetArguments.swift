import Fleet
import Glibc
import Model

/// What the commands of a fleet read from their arguments.
enum FleetArguments {
    /// The first label of this host's name, in lower case.
    static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        gethostname(&buffer, 255)
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(name.lowercased().prefix { $0 != "." })
    }

    static func name(_ text: String, _ what: String) throws(Diagnostic) -> String {
        guard FleetName.isValid(text) else {
            throw Diagnostic(
                code: "fleet-name", "\"\(text)\" is no name for a \(what)",
                hint: "at most 63 lower-case letters, digits and hyphens, with no hyphen at either end")
        }
        return text
    }

    static func endpoints(_ texts: [String]) throws(Diagnostic) -> [EtcdEndpoint] {
        var endpoints: [EtcdEndpoint] = []
        for text in texts {
            guard let endpoint = EtcdEndpoint(text) else {
                throw Diagnostic(
                    code: "fleet-etcd-address", "\"\(text)\" is no address of etcd",
                    hint: "write HOST or HOST:PORT, for instance 10.0.0.1:2379 or [fd00::1]:2379; it is always TLS")
            }
            guard !endpoints.contains(endpoint) else { continue }
            endpoints.append(endpoint)
        }
        return endpoints
    }
}
