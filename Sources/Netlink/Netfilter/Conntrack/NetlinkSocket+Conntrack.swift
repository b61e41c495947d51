import CLinux
import Model

extension NetlinkSocket {
    /// The connections of the namespace of a `.netfilter` socket for which `isWanted` is true.
    public func connections(
        family: IPAddress.Family? = nil, where isWanted: (ConntrackMessage) -> Bool = { _ in true }
    ) throws(NetlinkError) -> [ConntrackMessage] {
        try dump(ConntrackRequest.dump(family: family)) { header, payload in
            guard header.type == ConntrackAttribute.message(IPCTNL_MSG_CT_NEW), let entry = ConntrackMessage(payload)
            else { return nil }
            return isWanted(entry) ? entry : nil
        }
    }
}
