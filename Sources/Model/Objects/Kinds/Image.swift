extension ObjectKind {
    /// An image, unpacked under the data directory. Images are shared and never pruned.
    public static let image = ObjectKind("image", rank: 10, shown: [.digest], isPruned: false)
}

extension FieldName {
    /// The digest of an image's manifest.
    public static let digest: FieldName = "digest"
}

extension ObjectID {
    /// An image by the text of its source.
    public static func image(_ source: ImageSource) -> ObjectID { ObjectID(.image, source.text) }
}
