import Dispatch

/// Maps elements on all processors at once. The transformation must be pure: it runs on several threads.
enum ParallelMap {
    /// Fewer elements than this are mapped where the caller is: a thread would cost more than it saves.
    private static let worthwhile = 64

    /// What `transform` gives for each element, in the elements' order.
    ///
    /// Parts are small against the whole, so that a thread that starts late, or shares its processor with something
    /// else, takes fewer of them.
    static func map<Element: Sendable, Value>(
        _ elements: [Element], _ transform: @Sendable (borrowing Element) -> Value
    ) -> [Value] {
        let count = elements.count
        guard count >= worthwhile else { return elements.map { transform($0) } }
        let parts = min(count / 16, 64)
        return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            let values = Values(first: buffer.baseAddress.unsafelyUnwrapped)
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                let span = elements.span
                for index in count * part / parts..<count * (part + 1) / parts {
                    (values.first + index).initialize(to: transform(span[index]))
                }
            }
            initialized = count
        }
    }

    /// Where results are written: each thread writes elements of its own.
    private struct Values<Value>: @unchecked Sendable {
        let first: UnsafeMutablePointer<Value>
    }
}
