import CLinux

extension NetlinkSocket {
    /// The ids that the socket's namespace has for others.
    public func namespaceIDs() throws(NetlinkError) -> [Int32] {
        try dump(NamespaceIDRequest.dump()) { header, payload in
            header.type == Int(RTM_NEWNSID) ? NamespaceIDMessage(payload)?.id : nil
        }
    }

    /// The id of a namespace; `nil` where it has none yet.
    public func namespaceID(_ namespace: NamespaceReference) throws(NetlinkError) -> Int32? {
        let id = try requestOne(NamespaceIDRequest.get(namespace)) { header, payload in
            header.type == Int(RTM_NEWNSID) ? NamespaceIDMessage(payload)?.id : nil
        }
        return id.flatMap { $0 == NETNSA_NSID_NOT_ASSIGNED ? nil : $0 }
    }
}
