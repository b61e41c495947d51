/// Why a signature is not accepted.
struct SignatureRefusal: Error, Hashable {
    let reason: String
}
