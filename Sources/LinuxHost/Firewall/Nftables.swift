import CNftables
import Drivers
import Glibc
import Model
import Synchronization

/// libnftables in process: one context, opened at start-up in the network namespace that it then works on.
///
/// The library calls select(2) on its socket, which aborts the process where the descriptor is above 1,023: so the
/// context is made before anything else opens descriptors. It is not safe for threads, hence the lock.
public final class Nftables: Sendable {
    private struct Context: @unchecked Sendable { let pointer: OpaquePointer }

    private let context: Mutex<Context>

    /// Opens a context in the calling thread's network namespace.
    public init() throws(Diagnostic) {
        guard let pointer = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
            throw Diagnostic(
                code: "nftables-unavailable", "libnftables could not be opened",
                cause: String(cString: strerror(errno)), hint: "the kernel must have nf_tables (CONFIG_NF_TABLES)")
        }
        nft_ctx_buffer_output(pointer)
        nft_ctx_buffer_error(pointer)
        context = Mutex(Context(pointer: pointer))
    }

    deinit { context.withLock { nft_ctx_free($0.pointer) } }

    /// Runs commands as one transaction: all of them take effect or none. Answers with the JSON text that they print.
    @discardableResult
    public func run(_ commands: String) throws(Diagnostic) -> [UInt8] { try run(commands, Self.json) }

    private static let json = UInt32(NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_NUMERIC_PROTO)

    private func run(_ commands: String, _ output: UInt32) throws(Diagnostic) -> [UInt8] {
        let result: Result<[UInt8], Diagnostic> = context.withLock { context in
            nft_ctx_output_set_flags(context.pointer, output)
            let code = nft_run_cmd_from_buffer(context.pointer, commands)
            let output = nft_ctx_get_output_buffer(context.pointer)
            let errors = nft_ctx_get_error_buffer(context.pointer).map { String(cString: $0) } ?? ""
            guard code == 0 else {
                return .failure(
                    Diagnostic(
                        code: "nftables-refused", "the firewall change was refused",
                        cause: "libnftables: " + Self.firstLines(errors)))
            }
            guard let output else { return .success([]) }
            return .success(
                Array(UnsafeBufferPointer(start: output, count: strlen(output)).map { UInt8(bitPattern: $0) }))
        }
        return try result.get()
    }

    /// What a table holds, as libnftables-json(5) describes it; `nil` where there is no such table.
    public func list(table: String) throws(Diagnostic) -> [JSONValue]? {
        do throws(Diagnostic) {
            let output = try run("list table inet \(table)\n")
            return try JSONValue(parsing: output)["nftables"]?.array ?? []
        } catch {
            let tables = try JSONValue(parsing: try run("list tables inet\n"))["nftables"]?.array ?? []
            let isThere = tables.contains { $0["table"]?["name"]?.string == table }
            if isThere { throw error }
            return nil
        }
    }

    /// What others have of nftables, other sets among them; `nil` where the kernel does not tell.
    func firewallOfOthers(but own: String) -> FirewallOfOthers? {
        func list(_ command: String) -> [JSONValue]? {
            (try? run(command + "\n")).flatMap { try? JSONValue(parsing: $0)["nftables"]?.array ?? [] }
        }
        let host = HostFirewallReader(
            list: list,
            text: { command in
                (try? self.run(command + "\n", UInt32(NFT_CTX_OUTPUT_HANDLE))).map {
                    String(decoding: $0, as: UTF8.self)
                }
            }
        ).read()
        return host.map { FirewallOfOthers(host: $0, sets: OtherSetsReader(own: own, list: list).read()) }
    }

    private static func firstLines(_ text: String) -> String {
        text.split(separator: "\n").prefix(2).map { $0.drop { $0 == " " } }.joined(separator: "; ")
    }
}
