import CLinux
import Model

extension NetlinkSocket {
    /// The neighbours. See ``NeighbourRequest/dump(family:index:)``.
    public func neighbours(
        family: IPAddress.Family? = nil, index: Int32? = nil
    ) throws(NetlinkError) -> [NeighbourMessage] {
        try neighbours(NeighbourRequest.dump(family: family, index: index))
    }

    /// The forwarding entries. See ``NeighbourRequest/dumpForwarding(index:master:)``.
    public func forwardingEntries(
        index: Int32? = nil, master: Int32? = nil
    ) throws(NetlinkError) -> [NeighbourMessage] {
        try neighbours(NeighbourRequest.dumpForwarding(index: index, master: master))
    }

    private func neighbours(_ request: NetlinkRequest) throws(NetlinkError) -> [NeighbourMessage] {
        try dump(request) { header, payload in
            header.type == Int(RTM_NEWNEIGH) ? NeighbourMessage(payload) : nil
        }
    }
}
