import CLinux

extension NetlinkSocket {
    /// The links of the socket's namespace, or of the one with that id. See ``LinkRequest/dump(master:kind:namespaceID:)``.
    public func links(
        master: Int32? = nil, kind: String? = nil, namespaceID: Int32? = nil
    ) throws(NetlinkError) -> [LinkMessage] {
        try dump(LinkRequest.dump(master: master, kind: kind, namespaceID: namespaceID)) { header, payload in
            header.type == Int(RTM_NEWLINK) ? LinkMessage(payload) : nil
        }
    }

    /// One link; `nil` where there is none.
    public func link(_ reference: LinkReference) throws(NetlinkError) -> LinkMessage? {
        do throws(NetlinkError) {
            return try requestOne(LinkRequest.get(reference)) { header, payload in
                header.type == Int(RTM_NEWLINK) ? LinkMessage(payload) : nil
            }
        } catch {
            guard error.isAbsent else { throw error }
            return nil
        }
    }
}
