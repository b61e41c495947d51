import Model

/// Reads the documents of a tree, each by its kind.
enum DocumentDecoder {
    private static let envelope = Envelope.schema(nil)

    static func read(_ decoding: inout Decoding) -> ManifestContent {
        var content = ManifestContent(mayHideNetworks: decoding.tree.isIncomplete)
        for document in decoding.tree.documents {
            let before = (content.networks.count, content.containers.count, content.services.count)
            read(document.root, &decoding, &content)
            if document.isBroken {
                content.networks.removeSubrange(before.0...)
                content.containers.removeSubrange(before.1...)
                content.services.removeSubrange(before.2...)
            }
        }
        return content
    }

    private static func read(_ root: NodeIndex, _ decoding: inout Decoding, _ content: inout ManifestContent) {
        let resource = identity(root, decoding)
        if let resource {
            content.declared.append(resource)
        } else if mayBeNetwork(root, decoding) {
            content.mayHideNetworks = true
        }
        decoding.begin(resource)
        var document = Envelope()
        let isWhole = envelope.read(root, into: &document, &decoding)
        guard let kind = ManifestKind.all.first(where: { $0.name == document.kind }) else { return }
        if document.spec == nil, kind.needsSpec {
            decoding.report("missing-field", "a \(kind.name) needs the field \"spec\"", at: root)
        }
        document.metadata.position = decoding.position(root)
        if !isWhole, let resource { document.metadata.name = resource.name }
        var found = ManifestContent()
        kind.read(document.spec, document.metadata, &decoding, &found)
        // What can be read is checked with the whole set even where the envelope is wrong; only nothing comes of it. But
        // without a name it cannot be spoken of.
        guard isWhole || resource != nil else { return }
        if !isWhole, let resource { found.unsound.insert(resource) }
        content.networks += found.networks
        content.containers += found.containers
        content.services += found.services
        content.unsound.formUnion(found.unsound)
        content.partial.formUnion(found.partial)
    }

    /// True unless its kind is known to be another.
    private static func mayBeNetwork(_ root: NodeIndex, _ decoding: Decoding) -> Bool {
        guard let node = decoding.tree.value(of: "kind", in: root), decoding.tree[node].kind == .scalar else {
            return true
        }
        let others = ManifestKind.all.filter { $0.id != .network }.map(\.name)
        return !others.contains(decoding.tree.string(node))
    }

    /// Kind and name, as far as they can be read: to name the resource in errors, and in spite of them.
    private static func identity(_ root: NodeIndex, _ decoding: Decoding) -> ResourceID? {
        let tree = decoding.tree
        guard let kindNode = tree.value(of: "kind", in: root), let metadata = tree.value(of: "metadata", in: root),
            let nameNode = tree.value(of: "name", in: metadata), tree[kindNode].kind == .scalar,
            tree[nameNode].kind == .scalar
        else { return nil }
        let kind = tree.string(kindNode)
        let name = tree.string(nameNode)
        guard Names.isLabel(name), let id = ManifestKind.all.first(where: { $0.name == kind })?.id else { return nil }
        return ResourceID(id, name)
    }
}

extension YAMLTree {
    /// The value that a mapping has under a name, merge keys resolved.
    fileprivate func value(of name: String, in mapping: NodeIndex) -> NodeIndex? {
        guard self[mapping].kind == .mapping else { return nil }
        let bytes = Array(name.utf8)
        return entries(mapping).first { self[$0.key].kind == .scalar && scalar($0.key, equals: bytes) }?.value
    }
}
