import CLinux
import Model

extension NetlinkSocket {
    /// The addresses of the socket's namespace. See ``AddressRequest/dump(family:index:namespaceID:)``.
    public func addresses(
        family: IPAddress.Family? = nil, index: Int32? = nil, namespaceID: Int32? = nil
    ) throws(NetlinkError) -> [AddressMessage] {
        let request = AddressRequest.dump(family: family, index: index, namespaceID: namespaceID)
        return try dump(request) { header, payload in
            header.type == Int(RTM_NEWADDR) ? AddressMessage(payload) : nil
        }
    }
}
