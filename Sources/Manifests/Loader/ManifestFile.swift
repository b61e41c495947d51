import Model

/// What one file says.
public struct ManifestFile: Sendable {
    /// As the user would write it.
    public let path: String
    /// The absolute directory that relative paths in it are relative to.
    public let directory: String
    /// False where the file could not even be read: its diagnostics say why.
    public let isRead: Bool
    /// The resources of its documents that have no error. Names are not yet unique here, nor references resolved.
    public let resources: ResourceSet
    /// What is wrong with it by itself, by position.
    public let diagnostics: [Diagnostic]
    /// All that could be read, for the rules that look at the whole set.
    let content: ManifestContent
    /// For the lines of errors that only the whole set has.
    let source: SourceText

    /// Every resource that it names, in order, those whose documents have errors too: what is here but not among
    /// `resources` is not gone, only wrong.
    public var declared: [ResourceID] { content.declared }

    /// As read; empty where it could not be.
    public var bytes: [UInt8] { source.bytes }

    /// True where anything in it is an error.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// A hash of its bytes, the same in every process: tells whether it changed.
    public var contentHash: UInt64 {
        source.bytes.withUnsafeBytes { bytes in
            // Word by word: a pass over a thousand manifests should not be felt.
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
            var index = 0
            while index + 8 <= bytes.count {
                hash = (hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
                hash ^= hash >> 29
                index += 8
            }
            while index < bytes.count {
                hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3
                index += 1
            }
            hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
            return hash ^ hash >> 31
        }
    }
}
