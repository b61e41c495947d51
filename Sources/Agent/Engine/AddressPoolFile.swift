import Model

/// The host's address pools, as `/etc/reconcile/address-pools` has them: one `BASE:SIZE` a line, comments after `#`.
///
/// A file, since the agent, its service and every command that is typed must choose from the same pools.
public enum AddressPoolFile {
    /// Where the host's administrator writes it.
    public static let path = "/etc/reconcile/address-pools"

    /// The pools to choose from: those given, else those of the file, each with Docker's for a family of which there are
    /// none. Throws where a line of the file is none.
    public static func pools(given: [AddressPool], path: String = path) throws(Diagnostic) -> [AddressPool] {
        if !given.isEmpty { return AddressPool.effective(given) }
        return AddressPool.effective(try WordFile.read(path, problem: problem) { AddressPool(String($0)) })
    }

    private static func problem(_ word: Substring) -> Diagnostic {
        Diagnostic(
            code: "address-pool", "\"\(word)\" is no address pool",
            hint: "write BASE:SIZE, such as 10.200.0.0/16:24 or fd00:200::/48:64")
    }
}
