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

    /// One neighbour; `nil` where there is none.
    public func neighbour(_ address: IPAddress, index: Int32) throws(NetlinkError) -> NeighbourMessage? {
        try neighbour(NeighbourRequest.get(address, index: index))
    }

    /// One forwarding entry; `nil` where there is none. See ``NeighbourRequest/getForwarding(_:index:flags:)``.
    public func forwardingEntry(
        _ macAddress: MACAddress, index: Int32, flags: NeighbourFlags
    ) throws(NetlinkError) -> NeighbourMessage? {
        try neighbour(NeighbourRequest.getForwarding(macAddress, index: index, flags: flags))
    }

    private func neighbour(_ request: NetlinkRequest) throws(NetlinkError) -> NeighbourMessage? {
        do throws(NetlinkError) {
            return try requestOne(request) { header, payload in
                header.type == Int(RTM_NEWNEIGH) ? NeighbourMessage(payload) : nil
            }
        } catch {
            guard error.isAbsent else { throw error }
            return nil
        }
    }

    private func neighbours(_ request: NetlinkRequest) throws(NetlinkError) -> [NeighbourMessage] {
        try dump(request) { header, payload in
            header.type == Int(RTM_NEWNEIGH) ? NeighbourMessage(payload) : nil
        }
    }
}
