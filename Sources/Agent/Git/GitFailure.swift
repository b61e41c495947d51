import Model

/// A look that brought nothing.
struct GitFailure: Error {
    let diagnostic: Diagnostic
    /// The other end answers well, but what it has is not accepted: there is no reason to ask less often.
    let isRefusal: Bool

    init(_ diagnostic: Diagnostic, isRefusal: Bool = false) {
        self.diagnostic = diagnostic
        self.isRefusal = isRefusal
    }
}
